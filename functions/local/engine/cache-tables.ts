// Caches the descriptions of tables, which the embedded engine would read from disk for each request.
import type { Store, Table } from "dynalite/db/index.js";

/** Tables never change once they are active. */
export function cacheTables(store: Store): Store {
  const tables = new Map<string, Table>();
  const getTable: Store["getTable"] = (name, checkStatus, found) => {
    const done = typeof checkStatus === "function" ? checkStatus : found;
    const cached = tables.get(name);
    if (cached !== undefined) return done?.(null, cached);
    store.getTable(name, typeof checkStatus === "function" ? true : checkStatus, (error, table) => {
      if (table !== undefined && isReady(table)) tables.set(name, table);
      done?.(error, table);
    });
  };
  return { ...store, getTable };
}

function isReady({ TableStatus, GlobalSecondaryIndexes = [] }: Table): boolean {
  return (
    TableStatus === "ACTIVE" && GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus === "ACTIVE")
  );
}
