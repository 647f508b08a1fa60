// Creates the table if it does not exist. On AWS, the stack creates it.
import { isException } from "./is-exception.ts";
import { tableDefinition } from "./table.ts";
import type { TableRequests } from "./table-requests.ts";

export async function createTable(requests: TableRequests, tableName: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const status = await statusOf(requests, tableName);
    if (status === "ACTIVE") return;
    if (status === null) {
      await requests.createTable({ TableName: tableName, ...tableDefinition }).catch((error) => {
        if (!isException(error, "ResourceInUseException")) throw error;
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 20 * (tries + 1)));
  }
  throw new Error(`table ${tableName} did not become active`);
}

async function statusOf(requests: TableRequests, tableName: string): Promise<string | null> {
  try {
    const { Table } = await requests.describeTable({ TableName: tableName });
    return Table?.TableStatus ?? null;
  } catch (error) {
    if (isException(error, "ResourceNotFoundException")) return null;
    throw error;
  }
}
