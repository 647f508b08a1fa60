// What does not vary from machine to machine is held where it is; what takes how long is for `npm run bench` to tell.
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
});
afterAll(async () => {
  for (const bundle of [webhook, schedule]) bundle.remove();
  await services.stop();
});

describe("a function that starts cold", () => {
  test("has no more to load than it has today, and a little", () => {
    expect(webhook.bytes).toBeLessThan(580_000);
    expect(schedule.bytes).toBeLessThan(485_000);
  });

  test("loads of Node what its first webhook needs, and none of fetch, HTTP/2 or what tests are told by", async () => {
    await services.putBack();
    const sent = services.hub.triggers.length;
    const { modules } = await loadAndPush(webhook.directory, push, services.environment);
    expect(services.hub.triggers).toHaveLength(sent + 1);
    const ofNode = modules.filter((name) => !name.startsWith("internal/") && !name.startsWith("_"));
    expect(ofNode.sort()).toMatchInlineSnapshot(`
      [
        "crypto",
        "fs/promises",
        "http",
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
      ]
    `);
    expect(modules.filter((name) => /undici|http2|assert|webstreams\/compression/.test(name))).toEqual([]);
    expect(modules.length).toBeLessThan(120);
  });

  test("asks for its secrets once", async () => {
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
