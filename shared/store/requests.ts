// The requests of DynamoDB that the store makes: so few that another engine can stand in for it.
import {
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

export type Requests = {
  getItem: (input: GetItemCommandInput) => Promise<Pick<GetItemCommandOutput, "Item">>;
  batchGetItem: (
    input: BatchGetItemCommandInput,
  ) => Promise<Pick<BatchGetItemCommandOutput, "Responses" | "UnprocessedKeys">>;
  putItem: (input: PutItemCommandInput) => Promise<unknown>;
  deleteItem: (input: DeleteItemCommandInput) => Promise<unknown>;
  query: (input: QueryCommandInput) => Promise<Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">>;
};

export function createRequests(client: DynamoDBClient): Requests {
  return {
    getItem: (input) => client.send(new GetItemCommand(input)),
    batchGetItem: (input) => client.send(new BatchGetItemCommand(input)),
    putItem: (input) => client.send(new PutItemCommand(input)),
    deleteItem: (input) => client.send(new DeleteItemCommand(input)),
    query: (input) => client.send(new QueryCommand(input)),
  };
}
