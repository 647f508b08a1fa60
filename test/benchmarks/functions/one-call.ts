// A function that loads the AWS SDK's client of DynamoDB and makes one request with it.
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export const handler = async () => {
  const Key = { pk: { S: "pipeline#chain" }, sk: { S: "state" } };
  await client.send(new GetItemCommand({ TableName: process.env.TAGRELAY_TABLE, Key }));
  return { statusCode: 200, body: "" };
};
