// What DynamoDB and EventBridge do on AWS, and the machine-local program has to do itself.
import { setTimeout as sleep } from "node:timers/promises";
import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Requests } from "./requests.ts";
import { expiryAttribute, schedulesKey } from "./table.ts";
import type { TableRequests } from "./table-requests.ts";

/** So few items at once that nobody waits for long while they are looked at. */
const itemsAtOnce = 200;

/**
 * Deletes what has expired, as DynamoDB's time to live does; how many items that were. It looks at all that is stored,
 * and so takes its time: it rests for as long as it has worked.
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
    const beganAt = performance.now();
    const { Items, LastEvaluatedKey } = await requests.scan({
      TableName,
      Limit: itemsAtOnce,
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
    if (from !== undefined) await sleep(performance.now() - beganAt);
  } while (from !== undefined && stopping?.aborted !== true);
  return deleted;
}

/** Until when the schedules were seen to, or null before the first time. */
export async function loadSeenUntil(requests: Requests, TableName: string): Promise<number | null> {
  const { Item } = await requests.getItem({ TableName, Key: schedulesKey, ConsistentRead: true });
  return Item === undefined ? null : Number(Item.seenUntil?.N);
}

export async function saveSeenUntil(requests: Requests, TableName: string, seenUntil: number): Promise<void> {
  const Item = { ...schedulesKey, seenUntil: { N: String(seenUntil) } };
  await requests.putItem({ TableName, Item });
}
