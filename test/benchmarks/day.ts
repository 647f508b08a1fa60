// Runs two simulated days of schedules in a minute or two, on the embedded engine on disk, and prints its memory use for
// each hour: fifty pipelines of five steps, started every hour, with builds of a few minutes.
import { keepHeapSmall } from "../../functions/local/keep-heap-small.ts";
import { createScheduleStarter } from "../../functions/local/schedules.ts";
import { skipIdleSweeps } from "../../functions/local/skip-idle-sweeps.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { receivePushes } from "../../shared/relay/receive-push.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { loadHandledUntil, saveHandledUntil } from "../../shared/store/dynamodb/chores.ts";
import { openEmbeddedRelay, tableName } from "./embedded-relay.ts";
import { startHub } from "./hub.ts";
import { chain, chainName } from "./subject.ts";

const pipelineCount = 50;
const hour = 3_600_000;
const stepMs = 10_000;
const buildMs = 5 * 60_000;

keepHeapSmall();
const [data = ""] = process.argv.slice(2);
const hub = await startHub();
const beganAt = Date.UTC(2026, 10, 20);
let now = beganAt;

const scheduled = (index: number) => ({ ...chain(index, "webhook"), schedule: { every: "1h" } });
const chains = Array.from({ length: pipelineCount }, (_, index) => [chainName(index), scheduled(index)]);
const { pipelines } = compileConfig({ pipelines: Object.fromEntries(chains) });
/** The path identifies the pipeline. */
const readTrigger = async (name: string) => `${hub.origin}/${/_(\d+)_TRIGGER$/.exec(name)?.[1]}/`;
const { relay, requests } = await openEmbeddedRelay(data, pipelines, readTrigger, () => now, skipIdleSweeps);
const runSchedules = await createScheduleStarter(relay, {
  load: () => loadHandledUntil(requests, tableName),
  save: (instant) => saveHandledUntil(requests, tableName, instant),
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
    await receivePushes(relay, [{ image, digest: null, pushedAt: Math.floor(now / 1_000) }]);
    webhooks += 1;
  }
  if ((now - beganAt) % hour === 0) {
    const at = (now - beganAt) / hour;
    process.stdout.write(`${JSON.stringify({ at, webhooks, bytes: process.memoryUsage.rss() })}\n`);
  }
}
process.exit();
