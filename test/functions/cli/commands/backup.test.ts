import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { createDynamodbClient } from "../../../../shared/store/dynamodb/client.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import type { Item } from "../../../../shared/store/dynamodb/requests.ts";
import { createTableRequests } from "../../../../shared/store/dynamodb/table-requests.ts";
import { tagrelay, tagrelayFile } from "../../../stand-ins/command-line.ts";
import { startDynamodb } from "../../../stand-ins/dynamodb.ts";
import { compileCache, type Folder, makeFolder, root } from "../../../stand-ins/program.ts";

const secrets = { webhookSecret: "generated-webhook-secret", apiToken: "generated-token" };
const items: Item[] = Array.from({ length: 300 }, (_, number) => ({
  pk: { S: `pipeline#p${number % 20}` },
  sk: { S: number < 20 ? "state" : `run#p${number % 20}-${number} "quoted" ☃\u2028` },
  version: { N: String(number) },
  ...(number % 3 === 0 ? { dueShard: { S: "due#0" }, wakeAt: { N: String(number) } } : {}),
}));

let folder: Folder;
let file = "";
beforeEach(async () => {
  folder = makeFolder();
  file = join(folder.path, "state.jsonl");
  await write(folder.data, items);
});
afterEach(() => folder.remove());

async function write(data: string, all: readonly Item[]): Promise<void> {
  const { requests, close } = await startEngine(data);
  await createTable(requests, "tagrelay");
  for (const Item of all) await requests.putItem({ TableName: "tagrelay", Item });
  await close();
  writeFileSync(join(data, "secrets.json"), JSON.stringify(secrets));
}

async function read(data: string): Promise<Item[]> {
  const { requests, close } = await startEngine(data);
  const { Items = [] } = await requests.scan({ TableName: "tagrelay" });
  await close();
  return sorted(Items);
}

const keyOf = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;
const sorted = (all: readonly Item[]) => all.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));

const backUp = (...args: string[]) => tagrelay(["backup", file, ...args]);
const restore = (...args: string[]) => tagrelay(["restore", file, ...args]);
const fromFolder = () => backUp("--data", folder.data);
const other = () => join(folder.path, "other");

test("a folder goes to a table and back to another folder, with every item and the generated secrets", async () => {
  const { endpoint, close } = await startDynamodb(null);
  const client = createDynamodbClient(endpoint);
  await createTable(createTableRequests(client), "tagrelay-stack");
  const table = ["--table", "tagrelay-stack", "--dynamodb-endpoint", endpoint];

  expect(await fromFolder()).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("300 items saved to"),
  });
  expect(await restore(...table)).toMatchObject({ code: 0, stderr: "" });
  const again = await restore(...table);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("300 items were there already") });

  expect(await restore("--data", other())).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(other(), "secrets.json"), "utf8"))).toEqual(secrets);
  rmSync(other(), { recursive: true });

  expect(await backUp(...table)).toMatchObject({ code: 0 });
  expect(await restore("--data", other())).toMatchObject({ code: 0 });
  expect(await read(other())).toEqual(sorted(items));
  expect(existsSync(join(other(), "restoring"))).toBe(false);
  client.destroy();
  await close();
}, 60_000);

test("a table's own items are never replaced, and are named", async () => {
  const { endpoint, close } = await startDynamodb(null);
  const client = createDynamodbClient(endpoint);
  const requests = createTableRequests(client);
  await createTable(requests, "tagrelay");
  const own = { pk: { S: "pipeline#p1" }, sk: { S: "state" }, version: { N: "77" } };
  await requests.putItem({ TableName: "tagrelay", Item: own });
  await fromFolder();
  const { code, stderr } = await restore("--table", "tagrelay", "--dynamodb-endpoint", endpoint);
  expect([code, stderr]).toEqual([
    1,
    "tagrelay: 1 item was left as they are, because the table has others with their keys: pipeline#p1 state\n",
  ]);
  const { pk, sk } = own;
  expect((await requests.getItem({ TableName: "tagrelay", Key: { pk, sk } })).Item).toEqual(own);
  client.destroy();
  await close();
});

test("a folder with a state is never replaced", async () => {
  await fromFolder();
  expect(await restore("--data", folder.data)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^tagrelay: expected a folder without a state at .*, found one with a state, which is never replaced; move .* away/,
    ),
  });
  expect(await read(folder.data)).toEqual(sorted(items));
});

test("of a backup that was cut off or changed anywhere, nothing is restored", async () => {
  await fromFolder();
  const whole = readFileSync(file);
  const wrong: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 997) {
    wrong.push(whole.subarray(0, at));
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    wrong.push(flipped);
  }
  for (const content of [...wrong, whole.subarray(0, -1), Buffer.concat([whole, Buffer.from("\n")])]) {
    writeFileSync(file, content);
    expect(await restore("--data", other())).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^tagrelay: expected .* to be a whole backup of tagrelay, found .*; nothing was restored\n$/,
      ),
    });
    expect(existsSync(other())).toBe(false);
  }
});

test("what cannot be read or reached is told", async () => {
  expect(await backUp("--data", other())).toMatchObject({
    code: 2,
    stderr: `tagrelay: expected the state of a tagrelay in ${other()}, found none; see --data\n`,
  });
  expect(await restore()).toMatchObject({ code: 2, stderr: expect.stringContaining("expected a backup at") });
  const unreachable = await backUp("--table", "tagrelay", "--dynamodb-endpoint", "http://127.0.0.1:9");
  expect(unreachable).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("expected the table tagrelay, found an error"),
  });
  expect(await backUp("--dynamodb-endpoint", "http://127.0.0.1:9")).toMatchObject({ code: 2 });
  mkdirSync(join(folder.path, "folder.jsonl"));
  file = join(folder.path, "none", "state.jsonl");
  expect(await fromFolder()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("expected to write the backup to"),
  });
});

/** Writes the number of the round to `first` and then to `second`, with so much else that LevelDB changes its files. */
const writer = `
  const { startEngine } = await import(${JSON.stringify(`file://${join(root, "functions/local/engine/engine.ts")}`)});
  const { createTable } = await import(${JSON.stringify(`file://${join(root, "shared/store/dynamodb/create-table.ts")}`)});
  const { requests } = await startEngine(process.argv[1]);
  await createTable(requests, "tagrelay");
  for (let round = 1; ; round += 1) {
    for (const name of ["first", "second"]) {
      const Item = { pk: { S: name }, sk: { S: "x" }, round: { N: String(round) }, fill: { S: String(Math.random()).repeat(5000) } };
      await requests.putItem({ TableName: "tagrelay", Item });
    }
    if (round === 20) console.log("written");
  }`;

test("while a program writes, a backup is the state of one moment", async () => {
  const data = join(folder.path, "busy");
  const child = spawn(process.execPath, ["--input-type=module", "--eval", writer, data], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const rounds: number[] = [];
  for (let times = 0; times < 8; times += 1) {
    expect(await backUp("--data", data)).toMatchObject({ code: 0, stderr: "" });
    const lines = readFileSync(file, "utf8").split("\n");
    const roundOf = (name: string) => {
      const line = lines.find((text) => text.includes(`"pk":{"S":"${name}"}`)) ?? "";
      return Number(/"round":\{"N":"(\d+)"\}/.exec(line)?.[1]);
    };
    const [first, second] = [roundOf("first"), roundOf("second")];
    expect([0, 1]).toContain(first - second);
    rounds.push(first);
  }
  child.kill("SIGKILL");
  await ended;
  expect(rounds).toEqual(rounds.toSorted((one, next) => one - next));
  expect(new Set(rounds).size).toBeGreaterThan(4);
}, 60_000);

async function killAfter(ms: number, ...args: string[]): Promise<number | null> {
  const child = spawn(process.execPath, [tagrelayFile, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache },
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await Promise.race([sleep(ms), ended]);
  child.kill("SIGKILL");
  return ended;
}

test("a kill in a backup leaves the earlier backup, and a kill in a restore leaves no state or all of it", async () => {
  await fromFolder();
  const before = readFileSync(file, "utf8");
  const seen = new Set<string>();
  // Later and later, until one comes to its end, however busy the machine is.
  for (let ms = 60; ms < 60_000 && seen.size < 2; ms *= 1.25) {
    await killAfter(ms, "backup", file, "--data", folder.data);
    const now = readFileSync(file, "utf8");
    const linesOf = (text: string) => text.split("\n").slice(1, -2);
    expect(linesOf(now)).toEqual(linesOf(before));
    seen.add(now === before ? "earlier" : "new");
  }
  expect([...seen].sort()).toEqual(["earlier", "new"]);

  const found = new Set<number>();
  for (let ms = 60; ms < 60_000 && found.size < 2; ms *= 1.25) {
    await killAfter(ms, "restore", file, "--data", other());
    const isThere = existsSync(join(other(), "dynamodb"));
    found.add(isThere ? (await read(other())).length : 0);
    if (isThere) break;
  }
  expect([...found].sort()).toEqual([0, 300]);
  expect(await read(other())).toEqual(sorted(items));
}, 120_000);
