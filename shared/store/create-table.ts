// Makes the table where it is not there yet. On AWS, the stack makes it.
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { tableDefinition } from "./table.ts";

export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const status = await statusOf(client, tableName);
    if (status === "ACTIVE") return;
    if (status === null) {
      await client
        .send(new CreateTableCommand({ TableName: tableName, ...tableDefinition }))
        .catch((error) => {
          if (!(error instanceof ResourceInUseException)) throw error;
        });
    }
    await new Promise((resolve) => setTimeout(resolve, 20 * (tries + 1)));
  }
  throw new Error(`table ${tableName} did not become active`);
}

async function statusOf(client: DynamoDBClient, tableName: string): Promise<string | null> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    return Table?.TableStatus ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}
