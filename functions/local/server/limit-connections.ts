// Bounds how many connections there are: whoever has been quiet for longest makes room for who comes.
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** To turn away who comes, as Node does by itself, would let the quiet ones keep everybody out. */
export function limitConnections(server: Server, atMost: number): void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const [quietest] = sockets;
    if (sockets.size > atMost) quietest?.destroy();
  });
  server.on("request", ({ socket }) => {
    // Put behind all others.
    if (sockets.delete(socket)) sockets.add(socket);
  });
}
