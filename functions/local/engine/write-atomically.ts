// Makes the embedded engine write an item and its index entries in one batch.
import type { Database, Done, Store, Write } from "dynalite/db/index.js";
import type { Commit } from "./commit-together.ts";

/**
 * dynalite writes them one after the other and deletes old entries first: a kill in between would leave an item that no
 * sweep ever finds again. An action writes its item last, so that write flushes the batch. Each request needs a wrapper
 * of its own.
 */
export function writeAtomically(store: Store, commit: Commit): Store {
  const writes: Write[] = [];
  const getIndexDb: Store["getIndexDb"] = (type, table, index) => {
    const prefix = `index-${type.toLowerCase()}~${table}~${index}~`;
    const collect = (write: Write, done: Done) => {
      writes.push(write);
      done(null);
    };
    return {
      ...store.getIndexDb(type, table, index),
      put: (key, value, done) => collect({ type: "put", key: prefix + key, value }, done),
      del: (key, done) => collect({ type: "del", key: prefix + key }, done),
    };
  };
  const getItemDb = (table: string): Database => {
    const prefix = `item-${table}~`;
    return {
      ...store.getItemDb(table),
      put: (key, value, done) => commit([...writes, { type: "put", key: prefix + key, value }], done),
      del: (key, done) => commit([...writes, { type: "del", key: prefix + key }], done),
    };
  };
  return { ...store, getIndexDb, getItemDb };
}
