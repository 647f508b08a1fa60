import { join } from "node:path";
import { queryObjects } from "node:v8";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { startEngine } from "../../../functions/local/engine.ts";
import { createTable } from "../../../shared/store/create-table.ts";
import { createDynamodbClient } from "../../../shared/store/dynamodb-client.ts";
import { createDynamodbStore } from "../../../shared/store/dynamodb-store.ts";
import { createRequests } from "../../../shared/store/requests.ts";
import { makeFolder } from "../../stand-ins/program.ts";

// The sweep asks eight times a second: what each question left behind would be gigabytes in a week.
test("a question to the engine leaves nothing behind in memory", async () => {
  const folder = makeFolder();
  const engine = await startEngine(folder.data);
  const client = createDynamodbClient(engine.endpoint);
  await createTable(client, "tagrelay");
  const store = createDynamodbStore({
    requests: createRequests(client),
    tableName: "tagrelay",
    historyMs: 1_000,
  });
  for (let times = 0; times < 50; times += 1) await store.listDue(Date.now());

  const other = new ClassicLevel(join(folder.path, "other"));
  await other.open();
  const iterator = other.values();
  expect(queryObjects(iterator.constructor, { format: "count" })).toBeLessThan(20);
  await iterator.close();
  await other.close();
  client.destroy();
  await engine.close();
  folder.remove();
});
