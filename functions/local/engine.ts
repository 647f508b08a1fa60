// DynamoDB embedded in the process, kept on disk.

import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import dynalite from "dynalite";
import { closeIterators } from "./close-iterators.ts";
import { UsageError } from "./options.ts";

closeIterators();

export type Engine = { endpoint: string; close: () => Promise<void> };

/** Without a folder, the engine keeps everything in memory; port 0 is any that is free. */
export async function startEngine(data: string | null, atPort = 0): Promise<Engine> {
  const path = data === null ? {} : { path: join(data, "dynamodb") };
  if (data !== null) await claimFolder(data);
  const server: Server = dynalite({
    ...path,
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    // Unless told, it listens on all interfaces.
    server.listen(atPort, "127.0.0.1", () => resolve(readPort(server.address())));
  });
  return { endpoint: `http://127.0.0.1:${port}`, close: () => close(server) };
}

function readPort(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

/** The engine would throw where nobody catches, were its folder in use. */
async function claimFolder(data: string): Promise<void> {
  const folder = join(data, "dynamodb");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const level = new ClassicLevel(folder);
  try {
    await level.open();
    await level.close();
  } catch (error) {
    const { cause } = error instanceof Error ? error : { cause: undefined };
    const isLocked = cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED";
    throw new UsageError(
      isLocked
        ? `${data} is in use by another tagrelay; stop that one, or choose another folder with --data`
        : `expected to keep the state in ${data}, found a folder that cannot be used (${cause instanceof Error ? cause.message : "unknown error"})`,
    );
  }
}
