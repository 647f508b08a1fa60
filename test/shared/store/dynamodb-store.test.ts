import { expect, test } from "vitest";
import { startEngine } from "../../../functions/local/engine.ts";
import { emptyState } from "../../../shared/core/run.ts";
import { createTable } from "../../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../../shared/store/dynamodb-store.ts";
import { createRequests } from "../../../shared/store/requests.ts";
import { makeFolder } from "../../stand-ins/program.ts";
import { describeStore } from "./store-suite.ts";

describeStore("dynalite in memory", () => startEngine(null));

describeStore("dynalite on disk", async () => {
  const folder = makeFolder();
  const engine = await startEngine(folder.data);
  const close = async () => {
    await engine.close();
    folder.remove();
  };
  return { endpoint: engine.endpoint, close };
});

test("what is on disk is there when the engine is opened again", async () => {
  const folder = makeFolder();
  const state = { ...emptyState, scheduledFor: 5 };
  const withStore = async (use: (store: ReturnType<typeof createDynamodbStore>) => Promise<unknown>) => {
    const engine = await startEngine(folder.data);
    const client = createDynamodbClient(engine.endpoint);
    await createTable(client, "tagrelay");
    await use(createDynamodbStore({ requests: createRequests(client), tableName: "tagrelay", historyMs: 1 }));
    client.destroy();
    await engine.close();
  };
  await withStore(async (store) => store.save("chain", await store.load("chain"), state, null));
  await withStore(async (store) => expect(await store.load("chain")).toEqual({ state, version: 1 }));
  folder.remove();
});
