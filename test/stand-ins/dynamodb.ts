// A DynamoDB engine as an HTTP server.
import type { Server } from "node:http";
import { join } from "node:path";
import dynalite from "dynalite";
import "../../functions/local/engine/close-iterators.ts";

export type Dynamodb = { endpoint: string; close: () => Promise<void> };

/** Without a folder, everything stays in memory. Port 0 picks a free port. */
export async function startDynamodb(data: string | null, atPort = 0): Promise<Dynamodb> {
  const server: Server = dynalite({
    ...(data === null ? {} : { path: join(data, "dynamodb") }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(atPort, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${address.port}`, close };
}
