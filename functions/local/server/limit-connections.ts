// Limits the number of connections: a new one closes the one that has been idle for longest.
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Node's own `maxConnections` refuses new connections instead, so idle ones could keep everybody out. */
export function limitConnections(server: Server, maxConnections: number): void {
  // A set keeps the order of insertion, so the first is the one that has been idle for longest.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const [idlest] = sockets;
    if (sockets.size > maxConnections) idlest?.destroy();
  });
  server.on("request", ({ socket }) => {
    // Moves it to the end.
    if (sockets.delete(socket)) sockets.add(socket);
  });
}
