// What DynamoDB and EventBridge do on AWS, and the local program has to do itself.
import { setTimeout as sleep } from "node:timers/promises";
import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Requests } from "./requests.ts";
import { expiryAttribute, schedulesKey } from "./table.ts";
import type { TableRequests } from "./table-requests.ts";

/** The embedded engine answers nothing else while it reads a page, so pages are small. */
const pageItems = 200;

/**
 * Deletes expired items, as DynamoDB's time to live does, and returns how many there were. It reads the whole table, so
 * it pauses after each page for as long as the page took.
 */
export async function deleteExpired(
  requests: TableRequests,
  TableName: string,
  now: number,
  stopping: AbortSignal | null = null,
): Promise<number> {
  let deleted = 0;
  let from: ScanCommandInput["ExclusiveStartKey"];
  do {
    const startedAt = performance.now();
    const { Items, LastEvaluatedKey } = await requests.scan({
      TableName,
      Limit: pageItems,
      FilterExpression: `${expiryAttribute} < :now`,
      ExpressionAttributeValues: {
        ":now": { N: String(Math.floor(now / 1000)) },
      },
      ProjectionExpression: "pk, sk",
      ExclusiveStartKey: from,
    });
    for (const Key of Items ?? []) {
      await requests.deleteItem({ TableName, Key });
      deleted += 1;
    }
    from = LastEvaluatedKey;
    if (from !== undefined) await sleep(performance.now() - startedAt);
  } while (from !== undefined && stopping?.aborted !== true);
  return deleted;
}

/** The instant up to which schedules were handled; null before the first time. */
export async function loadHandledUntil(requests: Requests, TableName: string): Promise<number | null> {
  const { Item } = await requests.getItem({ TableName, Key: schedulesKey, ConsistentRead: true });
  return Item === undefined ? null : Number(Item.seenUntil?.N);
}

/** Stored as `seenUntil`, as earlier versions of this program named it. */
export async function saveHandledUntil(
  requests: Requests,
  TableName: string,
  handledUntil: number,
): Promise<void> {
  const Item = { ...schedulesKey, seenUntil: { N: String(handledUntil) } };
  await requests.putItem({ TableName, Item });
}
