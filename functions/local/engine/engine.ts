// An engine with the API of DynamoDB inside this process (dynalite), with its data on disk or in memory.
import { createRequire } from "node:module";
import { ClassicLevel } from "classic-level";
import { create, type Store } from "dynalite/db/index.js";
import { checkTypes, checkValidations } from "dynalite/validations/index.js";
import type { Embedded } from "../../../shared/store/dynamodb/store.ts";
import type { TableRequests } from "../../../shared/store/dynamodb/table-requests.ts";
import "./close-iterators.ts";
import { addIndex } from "./add-index.ts";
import { cacheTables } from "./cache-tables.ts";
import { checkFolder, type Damage, folderIn } from "./check-folder.ts";
import { type Commit, commitTogether } from "./commit-together.ts";
import { createDisk } from "./disk.ts";
import { toAwsException } from "./exceptions.ts";
import { writeAtomically } from "./write-atomically.ts";

export type Engine = {
  requests: TableRequests;
  /** Null if no damage was found. */
  damage: Damage | null;
  embedded: Embedded;
  close: () => Promise<void>;
};

/** `data` is a folder; with null, the engine keeps everything in memory. If it is durable, each write is flushed to the disk. */
export async function startEngine(data: string | null, isDurable = false): Promise<Engine> {
  const damage = data === null ? null : await checkFolder(data);
  const opened = create({
    ...(data === null ? {} : { path: folderIn(data) }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  const store = cacheTables(opened);
  const underWay = new Set<Promise<unknown>>();
  const disk =
    data !== null && opened.db instanceof ClassicLevel
      ? createDisk(opened.db, data, isDurable, () => Promise.allSettled(underWay))
      : null;
  const commit: Commit = disk === null ? opened.db.batch : commitTogether(disk.write);
  const requestOf = <Output>(name: keyof TableRequests) => {
    const send = createSender<Output>({ store, commit, data: data ?? "memory" }, name);
    const track = (input: object): Promise<Output> => {
      const answer = send(input);
      underWay.add(answer);
      const forget = () => void underWay.delete(answer);
      answer.then(forget, forget);
      return answer;
    };
    // Tracked at once, unless it waits until the database is open again.
    return (input: object): Promise<Output> => disk?.ready()?.then(() => track(input)) ?? track(input);
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
    updateTable: (input) => addIndex(store, input),
  };
  const close = async () => {
    // The requests that wait until the database is open again follow then.
    await disk?.ready()?.catch(() => undefined);
    // A request consists of several database operations.
    await Promise.allSettled(underWay);
    await opened.lifecycleManager.gracefulClose();
  };
  return { requests, damage, embedded: { reopenings: () => disk?.reopenings() ?? 0 }, close };
}

type Opened = { store: Store; commit: Commit; data: string };

const require = createRequire(import.meta.url);

/**
 * Calls dynalite's action for a request directly, without its HTTP server: no other process can reach it, and a request
 * takes a fraction of the time, because signing, sending and parsing cost more than the action itself.
 */
function createSender<Output>({ store, commit, data }: Opened, name: keyof TableRequests) {
  const { types, custom } = require(`dynalite/validations/${name}`);
  const action = require(`dynalite/actions/${name}`);
  return (input: object): Promise<Output> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(toAwsException(error, data));
      try {
        // checkTypes removes attributes from its argument, so it gets a copy.
        const checked = checkTypes({ ...input }, types);
        checkValidations(checked, types, custom, store);
        action(writeAtomically(store, commit), checked, (error: unknown, output: Output) =>
          error ? fail(error) : resolve(output),
        );
      } catch (error) {
        fail(error);
      }
    });
}
