// Reads all items of a table, and writes those that it does not have.
import { isException } from "../../../shared/store/dynamodb/is-exception.ts";
import type { Item } from "../../../shared/store/dynamodb/requests.ts";
import type { TableRequests } from "../../../shared/store/dynamodb/table-requests.ts";
import type { BackupItem } from "./backup-file.ts";

/** Nothing if there is no such table: a folder may have simulated runs only. */
export async function* scanItems(
  { scan, describeTable }: TableRequests,
  TableName: string,
): AsyncGenerator<Item> {
  if (!(await hasTable(describeTable, TableName))) return;
  let from: Item | undefined;
  do {
    const { Items, LastEvaluatedKey } = await scan({
      TableName,
      ConsistentRead: true,
      ExclusiveStartKey: from,
    });
    yield* Items ?? [];
    from = LastEvaluatedKey;
  } while (from !== undefined);
}

async function hasTable(describeTable: TableRequests["describeTable"], TableName: string): Promise<boolean> {
  try {
    await describeTable({ TableName });
    return true;
  } catch (error) {
    if (isException(error, "ResourceNotFoundException")) return false;
    throw error;
  }
}

export type Restored = { written: number; same: number; others: string[] };

const atOnce = 32;

/**
 * Never replaces an item, so it can be repeated after a kill. States come last: what they refer to is there when a sweep
 * finds them.
 */
export async function putItems(
  { putItem, getItem }: Pick<TableRequests, "putItem" | "getItem">,
  TableName: string,
  items: readonly BackupItem[],
): Promise<Restored> {
  const restored: Restored = { written: 0, same: 0, others: [] };
  const put = async (item: BackupItem) => {
    try {
      await putItem({ TableName, Item: item, ConditionExpression: "attribute_not_exists(pk)" });
      restored.written += 1;
    } catch (error) {
      if (!isException(error, "ConditionalCheckFailedException")) throw error;
      const { pk, sk } = item;
      if (pk === undefined || sk === undefined) throw error;
      const { Item } = await getItem({ TableName, Key: { pk, sk }, ConsistentRead: true });
      if (isSame(item, Item ?? {})) restored.same += 1;
      else restored.others.push(`${textOf(pk)} ${textOf(sk)}`);
    }
  };
  const isState = ({ sk }: BackupItem) => sk !== undefined && textOf(sk) === "state";
  for (const part of [items.filter((item) => !isState(item)), items.filter(isState)]) {
    for (let from = 0; from < part.length; from += atOnce) {
      await Promise.all(part.slice(from, from + atOnce).map(put));
    }
  }
  return restored;
}

const textOf = (value: BackupItem[string]) => ("S" in value ? value.S : value.N);

function isSame(one: object, other: object): boolean {
  const sorted = (item: object) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}
