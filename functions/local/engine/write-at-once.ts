// Sees to it that a write of the embedded engine is one write on disk: an item and its entries in indexes.
import type { Database, Done, Store, Write } from "dynalite/db/index.js";

/**
 * dynalite writes them one after the other, and takes old entries out first: killed in between, it would leave an item
 * that no sweep ever finds again. What one request's action does with this store is done by the last of its writes,
 * that of the item; each request needs one of its own.
 */
export function writeAtOnce(store: Store): Store {
  const writes: Write[] = [];
  const getIndexDb: Store["getIndexDb"] = (type, table, index) => {
    const prefix = `index-${type.toLowerCase()}~${table}~${index}~`;
    const keep = (write: Write, done: Done) => {
      writes.push(write);
      done(null);
    };
    return {
      ...store.getIndexDb(type, table, index),
      put: (key, value, done) => keep({ type: "put", key: prefix + key, value }, done),
      del: (key, done) => keep({ type: "del", key: prefix + key }, done),
    };
  };
  const getItemDb = (table: string): Database => {
    const prefix = `item-${table}~`;
    return {
      ...store.getItemDb(table),
      put: (key, value, done) => store.db.batch([...writes, { type: "put", key: prefix + key, value }], done),
      del: (key, done) => store.db.batch([...writes, { type: "del", key: prefix + key }], done),
    };
  };
  return { ...store, getIndexDb, getItemDb };
}
