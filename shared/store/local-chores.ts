// What DynamoDB and EventBridge do on AWS, and the machine-local program has to do itself.
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { expiryAttribute, schedulesKey } from "./table.ts";

/** Deletes what has expired, as DynamoDB's time to live does; how many items that were. */
export async function deleteExpired(client: DynamoDBClient, TableName: string, now: number): Promise<number> {
  let deleted = 0;
  let from: ScanCommand["input"]["ExclusiveStartKey"];
  do {
    const { Items, LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName,
        FilterExpression: `${expiryAttribute} < :now`,
        ExpressionAttributeValues: {
          ":now": { N: String(Math.floor(now / 1000)) },
        },
        ProjectionExpression: "pk, sk",
        ExclusiveStartKey: from,
      }),
    );
    for (const Key of Items ?? []) {
      await client.send(new DeleteItemCommand({ TableName, Key }));
      deleted += 1;
    }
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return deleted;
}

/** Until when the schedules were seen to, or null before the first time. */
export async function loadSeenUntil(client: DynamoDBClient, TableName: string): Promise<number | null> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: schedulesKey, ConsistentRead: true }),
  );
  return Item === undefined ? null : Number(Item.seenUntil?.N);
}

export async function saveSeenUntil(
  client: DynamoDBClient,
  TableName: string,
  seenUntil: number,
): Promise<void> {
  const Item = { ...schedulesKey, seenUntil: { N: String(seenUntil) } };
  await client.send(new PutItemCommand({ TableName, Item }));
}
