// The few requests that the store sends to DynamoDB. The embedded engine implements the same ones.
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  type GetItemCommandOutput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;
export type Key = Item;

export type Requests = {
  getItem: (input: GetItemCommandInput) => Promise<Pick<GetItemCommandOutput, "Item">>;
  batchGetItem: (
    input: BatchGetItemCommandInput,
  ) => Promise<Pick<BatchGetItemCommandOutput, "Responses" | "UnprocessedKeys">>;
  putItem: (input: PutItemCommandInput) => Promise<unknown>;
  deleteItem: (input: DeleteItemCommandInput) => Promise<unknown>;
  query: (input: QueryCommandInput) => Promise<Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">>;
};

/** The table, and how to reach it. */
export type Table = { requests: Requests; tableName: string };

export function createRequests(client: DynamoDBClient): Requests {
  return {
    getItem: (input) => client.send(new GetItemCommand(input)),
    batchGetItem: (input) => client.send(new BatchGetItemCommand(input)),
    putItem: (input) => client.send(new PutItemCommand(input)),
    deleteItem: (input) => client.send(new DeleteItemCommand(input)),
    query: (input) => client.send(new QueryCommand(input)),
  };
}
