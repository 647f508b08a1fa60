// What a function on Lambda asks: DynamoDB, SSM and Docker Hub, each a server of this process; and the chain's state
// as it is put back before each cold start.

import { settingNames } from "../../infra/settings.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import { pipelineKey } from "../../shared/store/table.ts";
import { createTableRequests } from "../../shared/store/table-requests.ts";
import { startDynamodb } from "../stand-ins/dynamodb.ts";
import { awsEnvironment, startParameterStore } from "../stand-ins/parameter-store.ts";
import { keepRuns, pastRun } from "../stand-ins/past-runs.ts";
import { webhookSecret } from "../stand-ins/program.ts";
import { config } from "./bundles.ts";
import { type Hub, startHub } from "./hub.ts";
import { chainName } from "./subject.ts";

const tableName = "tagrelay";

export type Services = {
  hub: Hub;
  /** The names that SSM was asked for, request by request. */
  askedOfSsm: readonly string[][];
  environment: Record<string, string>;
  /** The chain's first step builds, and nothing else has happened. */
  putBack: () => Promise<void>;
  /** The chain has never run. */
  empty: () => Promise<void>;
  stop: () => Promise<void>;
};

export async function startServices(): Promise<Services> {
  const hub = await startHub();
  const dynamodb = await startDynamodb(null);
  const parameters = await startParameterStore();
  const client = createDynamodbClient(dynamodb.endpoint);
  const requests = createTableRequests(client);
  await createTable(requests, tableName);
  parameters.parameters
    .set("/Tagrelay/TAGRELAY_WEBHOOK_SECRET", webhookSecret)
    .set("/Tagrelay/TAGRELAY_API_TOKEN", "api-token")
    .set("/Tagrelay/ACME_CHAIN_0_TRIGGER", `${hub.origin}/trigger/`);

  const [pipeline] = config.pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  const store = createDynamodbStore({ requests, tableName, historyMs: 1e9 });
  const now = Date.now();
  await keepRuns(store, pipeline, [
    pastRun(pipeline, { startedAt: now - 60_000, takesMs: () => 600_000, now }),
  ]);
  const Key = pipelineKey(chainName(0));
  const { Item } = await requests.getItem({ TableName: tableName, Key, ConsistentRead: true });
  return {
    hub,
    askedOfSsm: parameters.asked,
    environment: {
      ...awsEnvironment,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_SSM: parameters.endpoint,
      [settingNames.tableName]: tableName,
      [settingNames.parameterPrefix]: "/Tagrelay/",
    },
    putBack: async () => void (await requests.putItem({ TableName: tableName, Item })),
    empty: async () => void (await requests.deleteItem({ TableName: tableName, Key })),
    stop: async () => {
      client.destroy();
      await dynamodb.close();
      await parameters.close();
      await hub.close();
    },
  };
}
