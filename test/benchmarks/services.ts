// The services of a Lambda function (DynamoDB, SSM and Docker Hub) as servers in this process, and the state of the chain,
// which is restored before each cold start.

import { settingNames } from "../../shared/settings.ts";
import { createDynamodbClient } from "../../shared/store/dynamodb/client.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import { pipelineKey } from "../../shared/store/dynamodb/table.ts";
import { createTableRequests } from "../../shared/store/dynamodb/table-requests.ts";
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
  /** The names in each request to SSM. */
  askedOfSsm: readonly string[][];
  environment: Record<string, string>;
  /** Restores the state in which the chain's first step is building. */
  putBack: () => Promise<void>;
  /** Removes the chain's state, as if it had never run. */
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
  const store = createDynamodbStore({ requests, tableName, historyMs: 1e9, clock: Date.now });
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
