import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { dueIndex } from "../../../../shared/store/dynamodb/table.ts";
import { compileCache, makeFolder, root } from "../../../stand-ins/program.ts";

/** Writes items again and again, each time with another index entry, or with none. */
const writer = `
  const { startEngine } = await import(${JSON.stringify(`file://${join(root, "functions/local/engine/engine.ts")}`)});
  const { createTable } = await import(${JSON.stringify(`file://${join(root, "shared/store/dynamodb/create-table.ts")}`)});
  const { requests } = await startEngine(process.argv[1]);
  await createTable(requests, "tagrelay");
  for (let times = Date.now(); ; times += 1) {
    await Promise.all(Array.from({ length: 20 }, (_, number) => {
      const due = (times + number) % 3 === 0 ? {} : { dueShard: { S: "due#0" }, wakeAt: { N: String(times) } };
      const Item = { pk: { S: "item-" + number }, sk: { S: "state" }, ...due };
      return requests.putItem({ TableName: "tagrelay", Item });
    }));
    console.log("written");
  }`;

async function writeUntilKilled(data: string, killAfterMs: number): Promise<void> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", writer, data], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await sleep(killAfterMs);
  child.kill("SIGKILL");
  await ended;
}

test("after a kill, every item has its index entry, and every index entry has its item", async () => {
  const folder = makeFolder();
  for (let kills = 1; kills <= 6; kills += 1) {
    await writeUntilKilled(folder.data, 40 + 17 * kills);
    const { requests, close } = await startEngine(folder.data);
    const { Items: items = [] } = await requests.scan({ TableName: "tagrelay" });
    const { Items: indexed = [] } = await requests.scan({ TableName: "tagrelay", IndexName: dueIndex.name });
    await close();
    const entries = (all: typeof items) => all.map(({ pk, wakeAt }) => `${pk?.S} ${wakeAt?.N}`).sort();
    expect(items).toHaveLength(20);
    expect(entries(indexed)).toEqual(entries(items.filter(({ wakeAt }) => wakeAt !== undefined)));
  }
  folder.remove();
}, 60_000);
