import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createUpstreamChecks } from "../../../functions/local/upstream-checks.ts";
import { createScheduleHandler } from "../../../functions/schedule/handle-schedule.ts";
import type { LookUpDigest } from "../../../shared/kinds/registry.ts";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../shared/registries/look-up.ts";
import { answering } from "../../stand-ins/any-server.ts";
import { digestOf, type Registry, startRegistry } from "../../stand-ins/registry.ts";
import { type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let fixture: Fixture;
let registry: Registry;
let handle: (event: unknown) => Promise<void>;
let lookUpDigest: LookUpDigest;
beforeEach(async () => {
  registry = await startRegistry();
  fixture = await startFixture({
    family: {
      image: "acme/family",
      upstreamEvery: "6h",
      steps: {
        base: { image: "acme/family:base", upstream: "debian:bookworm" },
        other: { image: "acme/family:other", upstream: ["alpine", "debian:bookworm"] },
        web: { image: "acme/family:web", after: "base", upstream: "node:24" },
      },
    },
    second: { image: "acme/second", upstream: "alpine", upstreamEvery: "1h", sequence: ["a"] },
    plain: { image: "acme/plain", sequence: ["a"] },
  });
  ({ lookUpDigest } = createLookUps({
    send: createSend(),
    origins: { ...realOrigins, registry: registry.origin },
    clock: fixture.relay.clock,
    readLogin: async () => null,
  }));
  const handler = createScheduleHandler(fixture.relay, lookUpDigest);
  handle = (event) => handler(event, { getRemainingTimeInMillis: () => 120_000 });
  for (const image of ["library/debian:bookworm", "library/alpine:latest", "library/node:24"]) {
    registry.digests.set(image, digestOf("a"));
  }
});
afterEach(async () => {
  await registry.close();
  await fixture.stop();
});

async function look(name = "family"): Promise<void> {
  fixture.later(60_000);
  await handle({ lookAtUpstreams: name });
}
const change = (image: string, character = "b") => registry.digests.set(image, digestOf(character));
const runOf = async (name = "family") => (await fixture.relay.store.load(name)).state.run;
const push = (tag: string) =>
  fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ push_data: { tag }, repository: { repo_name: "acme/family" } }),
  });
const warnings = () =>
  fixture.logLines.map((line) => JSON.parse(line)).filter(({ event }) => event === "upstream.notSeen");

describe("a look at the upstreams", () => {
  test("starts nothing the first time, nor if nothing has changed", async () => {
    await look();
    await look();
    expect(await runOf()).toBeNull();
    expect(fixture.hub.triggers).toEqual([]);
    // Each image once per look, though two steps share one; and one token for each repository.
    expect(registry.asked).toHaveLength(2 * 3 + 3);
  });

  test("starts a run at the step built from the changed image", async () => {
    await look();
    change("library/node:24");
    await look();
    expect(await runOf()).toMatchObject({ cause: "upstream", from: ["web"], status: "running" });
    expect(fixture.hub.tags()).toEqual(["web"]);
  });

  test("starts a run at all steps built from the changed image", async () => {
    await look();
    change("library/debian:bookworm");
    await look();
    expect(await runOf()).toMatchObject({ from: ["base", "other"] });
    expect(fixture.hub.tags().sort()).toEqual(["base", "other"]);
  });

  test("queues its run if one is active", async () => {
    await look();
    change("library/node:24");
    await look();
    change("library/alpine:latest");
    await look();
    expect(fixture.hub.tags()).toEqual(["web"]);
    await push("web");
    expect(fixture.hub.tags()).toEqual(["web", "other"]);
    expect(await runOf()).toMatchObject({ cause: "upstream", from: ["other"] });
  });

  test("reports an image that cannot be read, with what to do, and uses the others", async () => {
    registry.digests.delete("library/node:24");
    await look();
    expect(warnings()).toMatchObject([
      {
        level: "warn",
        pipeline: "family",
        image: "library/node:24",
        reason:
          'library/node:24 does not exist, or may not be read: correct or remove this "upstream" of pipeline family, or give its registry a login',
      },
    ]);
    change("library/node:24");
    change("library/alpine:latest");
    await look();
    // An image that was never seen before has not changed.
    expect(await runOf()).toMatchObject({ from: ["other"] });
  });

  test("changes nothing if the registry fails, and the next look finds the change", async () => {
    await look();
    const usual = registry.answer;
    registry.answer = answering(500);
    change("library/node:24");
    await look();
    expect(await runOf()).toBeNull();
    expect(warnings()).toHaveLength(3);
    expect(warnings()[0]).toMatchObject({ reason: "Docker Hub's registry answered 500" });
    registry.answer = usual;
    await look();
    expect(await runOf()).toMatchObject({ from: ["web"] });
  });

  test("sends no request for a pipeline without upstreams, and throws for an unknown pipeline", async () => {
    await look("plain");
    expect(registry.asked).toEqual([]);
    await expect(look("gone")).rejects.toThrow('expected a pipeline of this deployment, found "gone"');
  });
});

describe("on one machine", () => {
  test("each pipeline's upstreams are looked at on start, and then every upstreamEvery", async () => {
    const looked = createUpstreamChecks(fixture.relay, lookUpDigest);
    const looks = () => registry.asked.filter(({ method }) => method === "HEAD").length;
    await looked();
    expect(looks()).toBe(3);
    await looked();
    expect(looks()).toBe(3);
    fixture.later(3_600_000);
    await looked();
    expect(looks()).toBe(4);
    change("library/alpine:latest");
    fixture.later(5 * 3_600_000);
    await looked();
    expect(await runOf("second")).toMatchObject({ cause: "upstream", from: ["a"] });
    expect(await runOf()).toMatchObject({ cause: "upstream", from: ["other"] });
  });

  test("a failed look does not stop the others", async () => {
    const { store } = fixture.relay;
    const load = (name: string) =>
      name === "family" ? Promise.reject(new Error("unreadable")) : store.load(name);
    const looked = createUpstreamChecks({ ...fixture.relay, store: { ...store, load } }, lookUpDigest);
    await looked();
    const { lastSeen } = (await store.load("second")).state;
    expect(lastSeen).toEqual([{ name: "image library/alpine:latest", value: digestOf("a") }]);
    expect(fixture.logLines.some((line) => line.includes('"upstreams.failed"'))).toBe(true);
  });
});
