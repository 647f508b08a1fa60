// A TCP proxy that cuts, delays and duplicates connections, each according to its plan.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Fault, Plan } from "./faults.ts";

/** A connection that the proxy opened. */
export type Passage = {
  fault: Fault;
  /** The second connection of a duplicated one. */
  isCopy: boolean;
  /** When the first bytes came in, or else when the connection did. */
  sentAt: number;
  /** The value of `mark` when the connection came in. */
  mark: number;
};

export type FaultyProxy = {
  port: number;
  /** The connection that the proxy opened from this port. */
  passageOf: (port: number | undefined) => Passage | undefined;
  counts: ReadonlyMap<Fault | "notListening", number>;
  close: () => Promise<void>;
};

export type ProxyOptions = {
  /** The port to connect to; null while nothing listens. */
  target: () => number | null;
  plan: () => Plan;
  mark: () => number;
  /** Called with the first bytes of each request, whether they are passed on or not. */
  onRequest: (bytes: Buffer, passage: Passage) => void;
};

export async function startProxy({ target, plan, mark, onRequest }: ProxyOptions): Promise<FaultyProxy> {
  const passages = new Map<number, Passage>();
  const counts = new Map<Fault | "notListening", number>();
  const open = new Set<Socket>();
  const count = (what: Fault | "notListening") => counts.set(what, (counts.get(what) ?? 0) + 1);

  const keep = (socket: Socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    return socket;
  };

  const connectTo = (port: number, passage: Passage) => {
    const socket = keep(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
    socket.on("connect", () => {
      if (socket.localPort !== undefined) passages.set(socket.localPort, passage);
    });
    return socket;
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    const port = target();
    if (port === null) {
      count("notListening");
      client.resetAndDestroy();
      return;
    }
    const planned = plan();
    count(planned.fault);
    const passage: Passage = { fault: planned.fault, isCopy: false, sentAt: Date.now(), mark: mark() };
    client.once("data", (bytes) => {
      passage.sentAt = Date.now();
      onRequest(bytes, passage);
    });
    join(client, planned, (isCopy) => connectTo(port, isCopy ? { ...passage, isCopy } : passage));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: readPort(server.address()),
    passageOf: (port) => (port === undefined ? undefined : passages.get(port)),
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function join(client: Socket, plan: Plan, connectTo: (isCopy: boolean) => Socket): void {
  const cut = () => void (plan.reset ? client.resetAndDestroy() : client.destroy());
  if (plan.fault === "cutBefore") {
    client.once("data", cut);
    return;
  }
  const server = connectTo(false);
  // Bytes that were sent still arrive if their sender is killed.
  relayRequest(client, server, plan.requestDelayMs);
  if (plan.fault === "duplicated") {
    const copy = connectTo(true);
    relayRequest(client, copy, plan.copyDelayMs);
    copy.resume();
    copy.on("end", () => copy.end());
  }
  let passedOn = 0;
  server.on("data", (chunk) => {
    if (plan.fault === "cutAfter") return later(plan.answerDelayMs, cut);
    if (plan.fault !== "cutWithin") return later(plan.answerDelayMs, () => client.write(chunk));
    const rest = chunk.subarray(0, Math.max(0, plan.answerBytes - passedOn));
    passedOn += chunk.length;
    client.write(rest, () => (passedOn < plan.answerBytes ? undefined : cut()));
  });
  server.on("end", () => {
    server.end();
    later(plan.answerDelayMs, () => client.end());
  });
  server.on("close", () => later(plan.answerDelayMs, () => client.destroySoon()));
}

function relayRequest(from: Socket, to: Socket, delayMs: number): void {
  // Timers with the same delay fire in order.
  from.on("data", (chunk) => later(delayMs, () => to.write(chunk)));
  from.on("end", () => later(delayMs, () => to.end()));
  from.on("close", () => later(delayMs, () => to.end()));
}

function later(delayMs: number, act: () => void): void {
  if (delayMs === 0) act();
  else setTimeout(act, delayMs);
}

function readPort(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return address.port;
}
