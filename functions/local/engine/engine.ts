// DynamoDB embedded in the process, kept on disk.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { create, type Store } from "dynalite/db/index.js";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import type { TableRequests } from "../../../shared/store/table-requests.ts";
import { UsageError } from "../options.ts";
import "./close-iterators.ts";
import { asExceptionOfAws } from "./exceptions.ts";
import { keepTables } from "./keep-tables.ts";
import { writeAtOnce } from "./write-at-once.ts";

export type Engine = { requests: TableRequests; close: () => Promise<void> };

/** Without a folder, the engine keeps everything in memory. */
export async function startEngine(data: string | null): Promise<Engine> {
  if (data !== null) await claimFolder(data);
  const opened = create({
    ...(data === null ? {} : { path: folderIn(data) }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const store = keepTables(opened);
  const underWay = new Set<Promise<unknown>>();
  const requestOf = <Output>(name: keyof TableRequests) => {
    const ask = createRequest<Output>(store, name);
    return (input: object): Promise<Output> => {
      const asked = ask(input);
      underWay.add(asked);
      const forget = () => void underWay.delete(asked);
      asked.then(forget, forget);
      return asked;
    };
  };
  const requests: TableRequests = {
    getItem: requestOf("getItem"),
    batchGetItem: requestOf("batchGetItem"),
    putItem: requestOf("putItem"),
    deleteItem: requestOf("deleteItem"),
    query: requestOf("query"),
    scan: requestOf("scan"),
    createTable: requestOf("createTable"),
    describeTable: requestOf("describeTable"),
  };
  const close = async () => {
    // A request is several operations of the database, one after the other.
    await Promise.allSettled(underWay);
    await opened.lifecycleManager.gracefulClose();
  };
  return { requests, close };
}

const require = createRequire(import.meta.url);

/**
 * What the engine does with a request that has come to its server. Without the server, nobody else on the machine can
 * ask it, and a request takes a fraction of the time: signing, sending and reading it cost more than the engine itself.
 */
function createRequest<Output>(store: Store, name: keyof TableRequests) {
  const { types, custom } = require(`dynalite/validations/${name}`);
  const action = require(`dynalite/actions/${name}`);
  return (input: object): Promise<Output> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(asExceptionOfAws(error));
      try {
        // It takes away from what it is given, and makes anew what it gives back.
        const asked = checkTypes({ ...input }, types);
        checkValidations(asked, types, custom, store);
        action(writeAtOnce(store), asked, (error: unknown, output: Output) =>
          error ? fail(error) : resolve(output),
        );
      } catch (error) {
        fail(error);
      }
    });
}

const folderIn = (data: string) => join(data, "dynamodb");

/** The engine would throw where nobody catches, were its folder in use. */
async function claimFolder(data: string): Promise<void> {
  const folder = folderIn(data);
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
