// Reads items of the table: one by its key, or all that a query finds.
import type { QueryCommandInput } from "@aws-sdk/client-dynamodb";
import type { Item, Key, Table } from "./requests.ts";
import { rethrow } from "./rethrow.ts";

export async function readItem({ requests, tableName }: Table, key: Key): Promise<Item | undefined> {
  const input = { TableName: tableName, Key: key, ConsistentRead: true };
  const { Item } = await requests.getItem(input).catch(rethrow);
  return Item;
}

/** Page by page: DynamoDB returns at most 1 MB at a time. */
export async function* queryPages(
  { requests, tableName }: Table,
  query: Omit<QueryCommandInput, "TableName" | "ExclusiveStartKey">,
): AsyncGenerator<Item[]> {
  let from: Key | undefined;
  do {
    const input = { ...query, TableName: tableName, ExclusiveStartKey: from };
    const { Items = [], LastEvaluatedKey } = await requests.query(input).catch(rethrow);
    yield Items;
    from = LastEvaluatedKey;
  } while (from !== undefined);
}
