// Keeps in memory what the embedded engine would read from disk with each request: what its tables are.
import type { Store, Table } from "dynalite/db/index.js";

/** Tables are made once and never changed; one that is being made is looked at again. */
export function keepTables(store: Store): Store {
  const tables = new Map<string, Table>();
  const getTable: Store["getTable"] = (name, checkStatus, found) => {
    const tell = typeof checkStatus === "function" ? checkStatus : found;
    const kept = tables.get(name);
    if (kept !== undefined) return tell?.(null, kept);
    store.getTable(name, typeof checkStatus === "function" ? true : checkStatus, (error, table) => {
      if (table !== undefined && isReady(table)) tables.set(name, table);
      tell?.(error, table);
    });
  };
  return { ...store, getTable };
}

function isReady({ TableStatus, GlobalSecondaryIndexes = [] }: Table): boolean {
  return (
    TableStatus === "ACTIVE" && GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus === "ACTIVE")
  );
}
