// The further requests of the local program. On AWS, the stack creates the table, and DynamoDB deletes expired items.
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DescribeTableCommandInput,
  type DescribeTableCommandOutput,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { createRequests, type Requests } from "./requests.ts";

export type TableRequests = Requests & {
  createTable: (input: CreateTableCommandInput) => Promise<unknown>;
  describeTable: (input: DescribeTableCommandInput) => Promise<Pick<DescribeTableCommandOutput, "Table">>;
  updateTable: (input: UpdateTableCommandInput) => Promise<unknown>;
  scan: (input: ScanCommandInput) => Promise<Pick<ScanCommandOutput, "Items" | "LastEvaluatedKey">>;
};

export function createTableRequests(client: DynamoDBClient): TableRequests {
  return {
    ...createRequests(client),
    createTable: (input) => client.send(new CreateTableCommand(input)),
    describeTable: (input) => client.send(new DescribeTableCommand(input)),
    updateTable: (input) => client.send(new UpdateTableCommand(input)),
    scan: (input) => client.send(new ScanCommand(input)),
  };
}
