// Serves a fetch handler on a port of this machine, with limits on what a client may keep it waiting for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { UsageError } from "../options.ts";
import { answerProblem } from "./answer-problem.ts";
import { limitConnections } from "./limit-connections.ts";

export type Listening = { origin: string; close: () => Promise<void> };
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Fetch = (request: Request) => Response | Promise<Response>;

export type ListenLimits = {
  /** From the connection's or the last answer's end to the end of a head. */
  headersMs: number;
  /** From there to the end of a body. */
  requestMs: number;
  /** How long a connection may stand still, be it that its client reads nothing. */
  stillMs: number;
  /** How often what takes too long is looked for. */
  checkEveryMs: number;
  connectionsAtMost: number;
};

/** A webhook of Docker Hub is a few kilobytes, sent at once: even 1 MiB over a slow line is done within these. */
export const usualLimits: ListenLimits = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than any answer takes: a trigger's, and the store's before and after it.
  stillMs: 60_000,
  checkEveryMs: 1_000,
  // A connection costs some ten kilobytes.
  connectionsAtMost: 2_000,
};

/** HTTP/1.0 needs none, and what looks after programs still speaks it. */
const hostUnlessTold = "localhost";

export type ListenOptions = {
  limits?: ListenLimits;
  /** Stands before what answers. */
  before?: (listener: Listener) => Listener;
};

export async function listen(
  fetch: Fetch,
  host: string,
  port: number,
  { limits = usualLimits, before = (listener) => listener }: ListenOptions = {},
): Promise<Listening> {
  // The bridge's own answer to an error would tell the error; the app has answered all that it can.
  const bridge = getRequestListener(fetch, { overrideGlobalObjects: false, hostname: hostUnlessTold });
  const listener = before(async (request, response) => {
    if (isAskable(request)) await bridge(request, response);
    else answerProblem(response, 400, "expected a path, and a host that can be one");
  });
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => void listener(request, response),
  );
  server.timeout = limits.stillMs;
  limitConnections(server, limits.connectionsAtMost);
  const address = await bind(server, host, port);
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    origin: `http://${name}:${address.port}`,
    close: () => close(server),
  };
}

/** The bridge takes hosts that are none, and URLs with a password, and fails over them once the body is asked for. */
function isAskable({ url = "", headers: { host = hostUnlessTold } }: IncomingMessage): boolean {
  const target = url.startsWith("/") ? URL.parse(`http://${host}${url}`) : URL.parse(url);
  return target !== null && target.username === "" && target.password === "";
}

function bind(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("expected a TCP address"));
      else resolve(address);
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new UsageError(
        `port ${port} is in use; choose another with --port, or --port 0 for any that is free`,
      );
    case "EACCES":
      return new UsageError(`port ${port} may not be used by you; choose one from 1024 with --port`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UsageError(
        `expected --host to be an address of this machine, found ${JSON.stringify(host)}`,
      );
    default:
      return error;
  }
}

const closeAtMostMs = 15_000;

/** Requests under way are answered, idle connections closed, and whoever dawdles is not waited for. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), closeAtMostMs).unref();
  });
}
