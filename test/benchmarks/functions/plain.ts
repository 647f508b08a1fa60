// The same in the plain way, for comparison: the AWS SDK's clients, Node's fetch, and no handling of failures.
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

const TableName = process.env.TAGRELAY_TABLE;
const prefix = process.env.TAGRELAY_PARAMETERS;
const dynamodb = new DynamoDBClient({});
const ssm = new SSMClient({});
const secrets = new Map<string, string>();

async function readSecret(name: string): Promise<string> {
  if (!secrets.has(name)) {
    const Names = [`${prefix}${name}`];
    const { Parameters } = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
    secrets.set(name, Parameters?.[0]?.Value ?? "");
  }
  return secrets.get(name) ?? "";
}

export const handler = async ({ rawPath, body }: APIGatewayProxyEventV2) => {
  if (!rawPath.endsWith(`/${await readSecret("TAGRELAY_WEBHOOK_SECRET")}`)) return { statusCode: 404 };
  const { push_data, repository } = JSON.parse(body ?? "");
  const Key = { pk: { S: `plain#${repository.repo_name}` }, sk: { S: "state" } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  const version = Number(Item?.version?.N ?? 0);
  const save = (state: string, before: number) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: { ...Key, state: { S: state }, version: { N: String(before + 1) } },
        ConditionExpression: "attribute_not_exists(pk) OR version = :before",
        ExpressionAttributeValues: { ":before": { N: String(before) } },
      }),
    );
  await save(`triggering what comes after ${push_data.tag}`, version);
  const url = await readSecret("ACME_CHAIN_0_TRIGGER");
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ docker_tag: "v2" }),
  });
  await save(`building what comes after ${push_data.tag}: ${answer.status}`, version + 1);
  return { statusCode: 200, body: JSON.stringify({ outcome: "advanced" }) };
};
