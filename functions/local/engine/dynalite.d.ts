// dynalite comes without types. These are the parts that are used, including internal ones.
declare module "dynalite/db/index.js" {
  export type Done = (error: unknown) => void;
  export type Write = { type: "put"; key: string; value: unknown } | { type: "del"; key: string };
  export type Database = {
    put: (key: string, value: unknown, done: Done) => void;
    del: (key: string, done: Done) => void;
  };
  export type Table = {
    TableStatus: string;
    TableArn: string;
    GlobalSecondaryIndexes?: { IndexStatus: string }[];
  };
  type Found = (error: unknown, table?: Table) => void;

  export type Store = {
    db: { batch: (writes: readonly Write[], done: Done) => void };
    /** The descriptions of tables. */
    tableDb: Database;
    getItemDb: (table: string) => Database;
    getIndexDb: (type: string, table: string, index: string) => Database;
    /** The second argument is optional. */
    getTable: (name: string, checkStatus: boolean | Found, found?: Found) => void;
    lifecycleManager: { gracefulClose: () => Promise<void> };
  };
  export function create(options: {
    path?: string;
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }): Store;
}

declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  export function checkTypes(input: object, types: object): object;
  export function checkValidations(input: object, types: object, custom: unknown, store: Store): void;
}

declare module "dynalite" {
  import type { Server } from "node:http";

  type Options = {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  };
  export default function dynalite(options?: Options): Server;
}
