// Opens the DynamoDB table that --table names.
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import type { Item } from "../../shared/store/dynamodb/requests.ts";
import { createTableRequests } from "../../shared/store/dynamodb/table-requests.ts";
import type { BackupItem } from "../local/backup/backup-file.ts";
import { putItems, type Restored, scanItems } from "../local/backup/table-items.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { explainAwsError } from "./explain-aws-error.ts";

export type PlaceOptions = {
  data: string;
  table?: string | undefined;
  dynamodbEndpoint?: string | undefined;
};

type Access = {
  scanItems: () => AsyncGenerator<Item>;
  putItems: (items: readonly BackupItem[]) => Promise<Restored>;
};
export type NamedTable = { use: <Result>(work: (access: Access) => Promise<Result>) => Promise<Result> };

/** Null if none is named. */
export async function openNamedTable({ table, dynamodbEndpoint }: PlaceOptions): Promise<NamedTable | null> {
  if (table === undefined) {
    if (dynamodbEndpoint === undefined) return null;
    throw new CliError(
      exitCodes.usageError,
      "expected --dynamodb-endpoint together with --table, found it alone; name the table",
    );
  }
  const client = createDynamodbClient(dynamodbEndpoint ?? null);
  const requests = createTableRequests(client);
  return {
    use: async (work) => {
      try {
        await requests.describeTable({ TableName: table });
        return await work({
          scanItems: () => scanItems(requests, table),
          putItems: (items) => putItems(requests, table, items),
        });
      } catch (error) {
        if (!(error instanceof Error && "$metadata" in error) && !isUnreachable(error)) throw error;
        throw new CliError(
          exitCodes.unreachable,
          `expected the table ${table}, found an error (${explainAwsError(error)})`,
          { cause: error },
        );
      } finally {
        client.destroy();
      }
    },
  };
}

/** Errors before an answer have none of its metadata. */
function isUnreachable(error: unknown): boolean {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  return (
    /^(?:CredentialsProviderError|TimeoutError)$/.test(name) ||
    /^Region is missing$|ECONNREFUSED|ENOTFOUND/.test(message)
  );
}
