// Creates the table if it does not exist, and the index that a table of an earlier version lacks. On AWS, the stack does both.
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { isException } from "./is-exception.ts";
import { tableDefinition } from "./table.ts";
import type { TableRequests } from "./table-requests.ts";

export async function createTable(requests: TableRequests, tableName: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const table = await describe(requests, tableName);
    if (table === null) {
      await requests.createTable({ TableName: tableName, ...tableDefinition }).catch(unlessInUse);
    } else if (isActive(table)) {
      const [missing] = missingIndexes(table);
      if (missing === undefined) return;
      const { AttributeDefinitions } = tableDefinition;
      const GlobalSecondaryIndexUpdates = [{ Create: missing }];
      await requests
        .updateTable({ TableName: tableName, AttributeDefinitions, GlobalSecondaryIndexUpdates })
        .catch(unlessInUse);
    }
    await new Promise((resolve) => setTimeout(resolve, 20 * (tries + 1)));
  }
  throw new Error(`table ${tableName} did not become active`);
}

/** Another process may be at it, too. */
function unlessInUse(error: unknown): void {
  if (!isException(error, "ResourceInUseException")) throw error;
}

function isActive({ TableStatus, GlobalSecondaryIndexes = [] }: TableDescription): boolean {
  return (
    TableStatus === "ACTIVE" && GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus === "ACTIVE")
  );
}

function missingIndexes({ GlobalSecondaryIndexes = [] }: TableDescription) {
  const names = GlobalSecondaryIndexes.map(({ IndexName }) => IndexName);
  return tableDefinition.GlobalSecondaryIndexes.filter(({ IndexName }) => !names.includes(IndexName));
}

async function describe(requests: TableRequests, tableName: string): Promise<TableDescription | null> {
  try {
    const { Table } = await requests.describeTable({ TableName: tableName });
    return Table ?? null;
  } catch (error) {
    if (isException(error, "ResourceNotFoundException")) return null;
    throw error;
  }
}
