// What DynamoDB and EventBridge do on AWS, and the machine-local program has to do itself.
import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Requests } from "./requests.ts";
import { expiryAttribute, schedulesKey } from "./table.ts";
import type { TableRequests } from "./table-requests.ts";

/** Deletes what has expired, as DynamoDB's time to live does; how many items that were. */
export async function deleteExpired(
  requests: TableRequests,
  TableName: string,
  now: number,
): Promise<number> {
  let deleted = 0;
  let from: ScanCommandInput["ExclusiveStartKey"];
  do {
    const { Items, LastEvaluatedKey } = await requests.scan({
      TableName,
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
  } while (from !== undefined);
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
