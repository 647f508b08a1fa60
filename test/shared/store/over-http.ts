// An engine that is asked over HTTP, by AWS's own client.
import { createDynamodbClient } from "../../../shared/store/dynamodb-client.ts";
import { createTableRequests, type TableRequests } from "../../../shared/store/table-requests.ts";

export type Asked = { requests: TableRequests; close: () => Promise<void> };

export async function overHttp(engine: { endpoint: string; close: () => Promise<void> }): Promise<Asked> {
  const client = createDynamodbClient(engine.endpoint);
  const close = async () => {
    client.destroy();
    await engine.close();
  };
  return { requests: createTableRequests(client), close };
}
