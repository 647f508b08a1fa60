// Serves a fetch handler on a port of this machine.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { UsageError } from "./options.ts";

export type Listening = { origin: string; close: () => Promise<void> };
type Fetch = (request: Request) => Response | Promise<Response>;

export async function listen(fetch: Fetch, host: string, port: number): Promise<Listening> {
  // The bridge's own answer to an error would tell the error; the app has answered all that it can.
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  const address = await bind(server, host, port);
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    origin: `http://${name}:${address.port}`,
    close: () => close(server),
  };
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
