// Serves a fetch handler on a port of this machine, with limits on slow clients.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { UsageError } from "../../../shared/usage-error.ts";
import { answerProblem } from "./answer-problem.ts";
import { limitConnections } from "./limit-connections.ts";

export type Listening = { origin: string; close: () => Promise<void> };
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Fetch = (request: Request) => Response | Promise<Response>;

export type ListenLimits = {
  /** From the connection, or the end of the last answer, to the end of the request's head. */
  headersMs: number;
  /** From there to the end of the body. */
  requestMs: number;
  /** How long a connection may transfer nothing, even because its client does not read. */
  idleMs: number;
  /** How often to look for slow clients. */
  checkEveryMs: number;
  maxConnections: number;
};

/** Webhooks are a few kilobytes and sent at once; even 1 MiB over a slow line arrives within these limits. */
export const defaultLimits: ListenLimits = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than any answer: a trigger takes time, and the store before and after it.
  idleMs: 60_000,
  checkEveryMs: 1_000,
  // A connection takes about ten kilobytes.
  maxConnections: 2_000,
};

/** For HTTP/1.0, which needs no host header and which some health checks still use. */
const defaultHost = "localhost";

export type ListenOptions = {
  limits?: ListenLimits;
  /** Puts something in front of the listener. */
  wrap?: (listener: Listener) => Listener;
};

export async function listen(
  fetch: Fetch,
  host: string,
  port: number,
  { limits = defaultLimits, wrap = (listener) => listener }: ListenOptions = {},
): Promise<Listening> {
  const adapter = getRequestListener(fetch, { hostname: defaultHost });
  const listener = wrap(async (request, response) => {
    // Hono's adapter would answer its own errors with their messages, so it must not get invalid addresses.
    if (hasValidUrl(request)) await adapter(request, response);
    else answerProblem(response, 400, "expected a valid path and host");
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
  server.timeout = limits.idleMs;
  limitConnections(server, limits.maxConnections);
  const address = await bind(server, host, port);
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    origin: `http://${name}:${address.port}`,
    close: () => close(server),
  };
}

/** The adapter accepts invalid hosts and URLs with a password, and fails when the body is read. */
function hasValidUrl({ url = "", headers: { host = defaultHost } }: IncomingMessage): boolean {
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
      return new UsageError(`port ${port} is in use; choose another with --port, or --port 0 for a free one`);
    case "EACCES":
      return new UsageError(`you may not use port ${port}; choose one from 1024 upwards with --port`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UsageError(
        `expected --host to be an address of this machine, found ${JSON.stringify(host)}`,
      );
    default:
      return error;
  }
}

const maxCloseMs = 15_000;

/** Answers the requests under way and closes idle connections; does not wait for slow clients for ever. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), maxCloseMs).unref();
  });
}
