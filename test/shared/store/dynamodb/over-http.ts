// Reaches an engine over HTTP, through AWS's client.
import { createDynamodbClient } from "../../../../shared/store/dynamodb/client.ts";
import { createTableRequests, type TableRequests } from "../../../../shared/store/dynamodb/table-requests.ts";

export type TestEngine = { requests: TableRequests; close: () => Promise<void> };

export async function overHttp(engine: {
  endpoint: string;
  close: () => Promise<void>;
}): Promise<TestEngine> {
  const client = createDynamodbClient(engine.endpoint);
  const close = async () => {
    client.destroy();
    await engine.close();
  };
  return { requests: createTableRequests(client), close };
}
