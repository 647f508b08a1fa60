// DynamoDB embedded in the process, with its data on disk.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { create, type Store } from "dynalite/db/index.js";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import type { TableRequests } from "../../../shared/store/dynamodb/table-requests.ts";
import { UsageError } from "../../../shared/usage-error.ts";
import "./close-iterators.ts";
import { cacheTables } from "./cache-tables.ts";
import { toAwsException } from "./exceptions.ts";
import { writeAtomically } from "./write-atomically.ts";

export type Engine = { requests: TableRequests; close: () => Promise<void> };

/** `data` is a folder; with null, the engine keeps everything in memory. */
export async function startEngine(data: string | null): Promise<Engine> {
  if (data !== null) await checkFolder(data);
  const opened = create({
    ...(data === null ? {} : { path: folderIn(data) }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const store = cacheTables(opened);
  const underWay = new Set<Promise<unknown>>();
  const requestOf = <Output>(name: keyof TableRequests) => {
    const send = createRequest<Output>(store, name);
    return (input: object): Promise<Output> => {
      const answer = send(input);
      underWay.add(answer);
      const forget = () => void underWay.delete(answer);
      answer.then(forget, forget);
      return answer;
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
    // A request consists of several database operations.
    await Promise.allSettled(underWay);
    await opened.lifecycleManager.gracefulClose();
  };
  return { requests, close };
}

const require = createRequire(import.meta.url);

/**
 * Calls the engine's action for a request directly, without its HTTP server: nobody else on the machine can reach it,
 * and a request takes a fraction of the time, because signing, sending and parsing cost more than the action itself.
 */
function createRequest<Output>(store: Store, name: keyof TableRequests) {
  const { types, custom } = require(`dynalite/validations/${name}`);
  const action = require(`dynalite/actions/${name}`);
  return (input: object): Promise<Output> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(toAwsException(error));
      try {
        // It removes attributes from its argument, so it gets a copy.
        const checked = checkTypes({ ...input }, types);
        checkValidations(checked, types, custom, store);
        action(writeAtomically(store), checked, (error: unknown, output: Output) =>
          error ? fail(error) : resolve(output),
        );
      } catch (error) {
        fail(error);
      }
    });
}

const folderIn = (data: string) => join(data, "dynamodb");

/** If its folder is in use, the engine throws where nothing can catch the error; so this tries first. */
async function checkFolder(data: string): Promise<void> {
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
        ? `${data} is in use by another tagrelay; stop it, or choose another folder with --data`
        : `expected a folder for the state at ${data}, found one that cannot be used (${cause instanceof Error ? cause.message : "unknown error"})`,
    );
  }
}
