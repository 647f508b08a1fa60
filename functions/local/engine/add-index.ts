// Adds an index to a table of the embedded engine, which can create indexes only together with their table.
import type { UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Store, Table } from "dynalite/db/index.js";

/** No stored item may have the index's attributes yet: it starts empty. */
export async function addIndex(store: Store, input: UpdateTableCommandInput): Promise<void> {
  const { TableName = "", AttributeDefinitions = [], GlobalSecondaryIndexUpdates = [] } = input;
  const table = await getTable(store, TableName);
  const { GlobalSecondaryIndexes = [] } = table;
  const [like] = GlobalSecondaryIndexes;
  const added = GlobalSecondaryIndexUpdates.flatMap(({ Create }) => Create ?? []).map((index) => ({
    ...like,
    ...index,
    IndexArn: `${table.TableArn}/index/${index.IndexName}`,
    IndexStatus: "ACTIVE",
  }));
  // The same object is in the cache of tables.
  Object.assign(table, {
    AttributeDefinitions,
    GlobalSecondaryIndexes: [...GlobalSecondaryIndexes, ...added],
  });
  await new Promise<void>((resolve, reject) => {
    store.tableDb.put(TableName, table, (error) => (error ? reject(error) : resolve()));
  });
}

function getTable(store: Store, name: string): Promise<Table> {
  return new Promise((resolve, reject) => {
    store.getTable(name, false, (error, table) => (table === undefined ? reject(error) : resolve(table)));
  });
}
