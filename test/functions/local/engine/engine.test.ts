import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { queryObjects } from "node:v8";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { makeFolder, root } from "../../../stand-ins/program.ts";

// The sweep sends ten queries a second; if each leaked memory, it would be gigabytes in a week.
test("a query of the engine leaks no memory", async () => {
  const folder = makeFolder();
  const engine = await startEngine(folder.data);
  await createTable(engine.requests, "tagrelay");
  const store = createDynamodbStore({
    requests: engine.requests,
    tableName: "tagrelay",
    historyMs: 1_000,
    clock: Date.now,
  });
  for (let times = 0; times < 50; times += 1) await store.listDue(Date.now());

  const other = new ClassicLevel(join(folder.path, "other"));
  await other.open();
  const iterator = other.values();
  expect(queryObjects(iterator.constructor, { format: "count" })).toBeLessThan(20);
  await iterator.close();
  await other.close();
  await engine.close();
  folder.remove();
});

test("requests under way when the engine is closed are finished", async () => {
  const folder = makeFolder();
  const engine = await startEngine(folder.data);
  await createTable(engine.requests, "tagrelay");
  const puts = Array.from({ length: 50 }, (_, index) =>
    engine.requests.putItem({
      TableName: "tagrelay",
      Item: { pk: { S: `item-${index}` }, sk: { S: "x" }, dueShard: { S: "due#0" }, wakeAt: { N: "1" } },
    }),
  );
  await engine.close();
  await Promise.all(puts);

  const again = await startEngine(folder.data);
  const { Items } = await again.requests.scan({ TableName: "tagrelay" });
  expect(Items).toHaveLength(50);
  await again.close();
  folder.remove();
});

test("an engine that is closed while it opens its database again finishes what waits for that", async () => {
  const folder = makeFolder();
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", closing], {
    cwd: root,
    env: { ...process.env, DATA: folder.data },
  });
  expect(stdout).toBe("refused, then written, then closed\n");
  const again = await startEngine(folder.data);
  const { Items } = await again.requests.scan({ TableName: "tagrelay" });
  expect(Items?.map(({ pk }) => pk)).toEqual([{ S: "second" }]);
  await again.close();
  folder.remove();
});

/** Its disk is full for one write. That is in a process of its own, whose files are limited. */
const closing = `
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { startEngine } from "./functions/local/engine/engine.ts";
import { createTable } from "./shared/store/dynamodb/create-table.ts";
const limitFiles = (bytes) =>
  execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=" + bytes + ":unlimited"]);
const engine = await startEngine(process.env.DATA);
await createTable(engine.requests, "tagrelay");
const put = (pk, text) =>
  engine.requests.putItem({
    TableName: "tagrelay",
    Item: { pk: { S: pk }, sk: { S: "x" }, dueShard: { S: "due#0" }, wakeAt: { N: "1" }, text: { S: text } },
  });
limitFiles(4096);
const refused = await put("first", "a".repeat(10_000)).then(() => "written", () => "refused");
limitFiles("unlimited");
await sleep(1_100);
const done = [refused];
const written = put("second", "b").then(() => done.push("then written"));
await engine.close();
done.push("then closed");
await written;
console.log(done.join(", "));
`;
