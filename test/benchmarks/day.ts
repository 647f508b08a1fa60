// A process that lives through two days of schedules in a minute or two, on the embedded engine on disk, and tells how much
// memory it has at each hour: fifty pipelines of five steps, each started every hour, each build a few minutes long.
import { startEngine } from "../../functions/local/engine/engine.ts";
import { createSchedules } from "../../functions/local/schedules.ts";
import { spareSweeps } from "../../functions/local/spare-sweeps.ts";
import { compileConfig } from "../../shared/core/compile.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { receivePush } from "../../shared/relay/receive-push.ts";
import { createRelay } from "../../shared/relay/relay.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import { loadSeenUntil, saveSeenUntil } from "../../shared/store/local-chores.ts";
import { startHub } from "./hub.ts";
import { chain, chainName } from "./subject.ts";

const pipelineCount = 50;
const hour = 3_600_000;
const stepMs = 10_000;
const buildMs = 5 * 60_000;
const tableName = "tagrelay";

const [data = ""] = process.argv.slice(2);
const hub = await startHub();
const { requests } = await startEngine(data);
await createTable(requests, tableName);
const beganAt = Date.UTC(2026, 10, 20);
let now = beganAt;
const clock = () => now;

/** A secret as long as a trigger's URL is the URL, which tells the hub whose build it is. */
const scheduled = (index: number) => ({ ...chain(index, "webhook"), schedule: { every: "1h" } });
const chains = Array.from({ length: pipelineCount }, (_, index) => [chainName(index), scheduled(index)]);
const { pipelines } = compileConfig({ pipelines: Object.fromEntries(chains) });
const relay = createRelay(pipelines, {
  store: spareSweeps(createDynamodbStore({ requests, tableName, historyMs: 90 * 24 * hour })),
  slots: createDynamodbSlots({ requests, tableName, clock }),
  triggers: {
    send: createSend(),
    origins: realOrigins,
    readSecret: async (name) => `${hub.origin}/${/_(\d+)_TRIGGER$/.exec(name)?.[1]}/`,
    commands: null,
    clock,
  },
  lookUpTag: async () => ({ kind: "unreadable", reason: "nobody is asked" }),
  clock,
  random: Math.random,
  sleep: async () => undefined,
  log: () => undefined,
  observe: () => undefined,
});
const runSchedules = await createSchedules(relay, {
  load: () => loadSeenUntil(requests, tableName),
  save: (seenUntil) => saveSeenUntil(requests, tableName, seenUntil),
});

const building: { doneAt: number; index: string; tag: string }[] = [];
let webhooks = 0;
for (; now <= beganAt + 48 * hour; now += stepMs) {
  await runSchedules();
  await sweep(relay);
  for (const { what } of hub.triggers.splice(0)) {
    const [, index = "", tag = ""] = /^\/(\d+)\/ (.+)$/.exec(what) ?? [];
    building.push({ doneAt: now + buildMs, index, tag });
  }
  while (building[0] !== undefined && building[0].doneAt <= now) {
    const done = building.shift();
    const image = { repository: `acme/chain-${done?.index}`, tag: done?.tag ?? "" };
    await receivePush(relay, { kind: "push", image, pushedAt: Math.floor(now / 1_000) });
    webhooks += 1;
  }
  if ((now - beganAt) % hour === 0) {
    const at = (now - beganAt) / hour;
    process.stdout.write(`${JSON.stringify({ at, webhooks, bytes: process.memoryUsage.rss() })}\n`);
  }
}
process.exit();
