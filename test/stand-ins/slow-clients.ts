// Opens many slow connections at once, which each send a little from time to time.
import { connect, type Socket } from "node:net";

export type SlowClients = {
  /** How many are still connected. */
  connected: () => number;
  /** What each client has received so far. */
  received: () => string[];
  close: () => void;
};

export type SlowClient = {
  /** Sent on connecting. */
  start: string;
  /** Sent repeatedly after that. */
  again?: { text: string; everyMs: number };
  /** True if it reads the answers. Default: true. */
  isReading?: boolean;
};

export function openSlowClients(
  origin: string,
  count: number,
  { start, again, isReading = true }: SlowClient,
): SlowClients {
  const { hostname, port } = new URL(origin);
  const clients = Array.from({ length: count }, () => {
    const socket: Socket = connect(Number(port), hostname);
    const client = { socket, received: "", isConnected: true };
    const timer =
      again === undefined ? undefined : setInterval(() => socket.write(again.text), again.everyMs);
    const record = (chunk: Buffer) => {
      client.received += chunk.toString();
    };
    if (isReading) socket.on("data", record);
    else socket.pause();
    socket.on("error", () => undefined);
    const disconnect = () => {
      client.isConnected = false;
      clearInterval(timer);
    };
    socket.on("end", disconnect);
    socket.on("close", disconnect);
    if (start !== "") socket.write(start);
    return client;
  });
  return {
    connected: () => clients.filter(({ isConnected }) => isConnected).length,
    received: () => clients.map(({ received }) => received),
    close: () => {
      for (const { socket } of clients) socket.destroy();
    },
  };
}
