// The requests of DynamoDB that the machine-local program makes beyond the store's: AWS's stack makes its table, and
// DynamoDB deletes what has expired.
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
} from "@aws-sdk/client-dynamodb";
import { createRequests, type Requests } from "./requests.ts";

export type TableRequests = Requests & {
  createTable: (input: CreateTableCommandInput) => Promise<unknown>;
  describeTable: (input: DescribeTableCommandInput) => Promise<Pick<DescribeTableCommandOutput, "Table">>;
  scan: (input: ScanCommandInput) => Promise<Pick<ScanCommandOutput, "Items" | "LastEvaluatedKey">>;
};

export function createTableRequests(client: DynamoDBClient): TableRequests {
  return {
    ...createRequests(client),
    createTable: (input) => client.send(new CreateTableCommand(input)),
    describeTable: (input) => client.send(new DescribeTableCommand(input)),
    scan: (input) => client.send(new ScanCommand(input)),
  };
}
