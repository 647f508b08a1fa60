// Limits on what a cold start loads, which is the same on every machine. `npm run bench -- cold-start` measures times.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundled, bundleOurs } from "./bundles.ts";
import { push } from "./cold-start.ts";
import { loadAndPush } from "./modules.ts";
import { type Services, startServices } from "./services.ts";

let services: Services;
let webhook: Bundled;
let schedule: Bundled;
beforeAll(async () => {
  services = await startServices();
  webhook = bundleOurs("webhook");
  schedule = bundleOurs("schedule");
}, 60_000);
afterAll(async () => {
  for (const bundle of [webhook, schedule]) bundle.remove();
  await services.stop();
});

describe("a function that starts cold", () => {
  test("loads a bundle that is hardly larger than today's", () => {
    // 706 KB and 580 KB.
    expect(webhook.bytes).toBeLessThan(750_000);
    expect(schedule.bytes).toBeLessThan(600_000);
  });

  test("loads only those modules of Node that its first webhook needs", async () => {
    await services.putBack();
    const sent = services.hub.triggers.length;
    const { modules } = await loadAndPush(webhook.directory, push, services.environment);
    expect(services.hub.triggers).toHaveLength(sent + 1);
    const ofNode = modules.filter((name) => !name.startsWith("internal/") && !name.startsWith("_"));
    // assert, http2, worker_threads and zlib come with Node's fetch, which is loaded when Response is first used.
    expect(ofNode.sort()).toMatchInlineSnapshot(`
      [
        "assert",
        "crypto",
        "fs/promises",
        "http",
        "http2",
        "https",
        "module",
        "net",
        "os",
        "perf_hooks",
        "process",
        "stream",
        "stream/promises",
        "string_decoder",
        "timers/promises",
        "tls",
        "worker_threads",
        "zlib",
      ]
    `);
    expect(modules.filter((name) => /webstreams\/compression/.test(name))).toEqual([]);
    expect(modules.length).toBeLessThan(120);
  });

  test("requests its secrets once", async () => {
    await services.putBack();
    const before = services.askedOfSsm.length;
    await loadAndPush(webhook.directory, push, services.environment);
    expect(services.askedOfSsm.slice(before)).toEqual([
      ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS", "API_TOKEN"]
        .map((name) => `/Tagrelay/TAGRELAY_${name}`)
        .concat("/Tagrelay/ACME_CHAIN_0_TRIGGER"),
    ]);
  });
});
