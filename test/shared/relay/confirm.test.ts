import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply } from "../../../shared/relay/apply.ts";
import { newRunId } from "../../../shared/relay/relay.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import { readJson } from "../../stand-ins/json.ts";
import { type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({
    chain: { image: "acme/chain", sequence: ["a", "b", "c"] },
    strict: { image: "acme/strict", confirm: "registry", sequence: ["a", "b"] },
    trusting: { image: "acme/trusting", confirm: "webhook", sequence: ["a", "b"] },
  });
  fixture.hub.isReadable = true;
});
afterEach(() => fixture.stop());

async function start(name: string): Promise<void> {
  const pipeline = fixture.relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  const newRun = newRunId(fixture.relay, pipeline);
  const event = {
    kind: "runRequested",
    newRunId: newRun,
    cause: "manual",
    from: null,
  } as const;
  await apply(fixture.relay, pipeline, event);
}
async function hook(repository: string, tag: string) {
  const response = await fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ repository: { repo_name: repository }, push_data: { tag } }),
  });
  return { status: response.status, body: await readJson(response) };
}
/** Docker Hub has the push, whether or not its webhook arrives. */
const push = (image: string, at = Date.now()) => fixture.hub.pushed.set(image, new Date(at).toISOString());
const states = async (name: string) =>
  (await fixture.relay.store.load(name)).state.run?.steps.map(({ state }) => state);

describe("a webhook of a repository that can be read", () => {
  test("advances its run if Docker Hub shows the push", async () => {
    await start("chain");
    push("acme/chain:a");
    const { status, body } = await hook("acme/chain", "a");
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: "advanced" });
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
  });

  test.each([
    ["was never pushed", () => undefined],
    ["was pushed before the run", () => push("acme/chain:a", Date.now() - 3_600_000)],
  ])("changes nothing if its tag %s", async (_why, before) => {
    before();
    await start("chain");
    for (let times = 0; times < 6; times += 1) {
      const { status, body } = await hook("acme/chain", "a");
      expect(status).toBe(200);
      expect(["ignored", "duplicate"]).toContain(body.outcome);
    }
    for (let minutes = 0; minutes < 10; minutes += 1) {
      fixture.later(60_000);
      await sweep(fixture.relay);
    }
    expect(fixture.hub.tags()).toEqual(["a"]);
    expect(await states("chain")).toEqual(["building", "waiting", "waiting"]);
    // One for the first webhook and a few more in the next minutes, however many webhooks arrive.
    expect(fixture.hub.lookUps()).toBeLessThan(10);
  });

  test.each([
    ["limits the rate", { status: 429, headers: { "retry-after": "20" } }],
    ["fails", { status: 500 }],
  ])("advances its run later if Docker Hub %s", async (_what, answer) => {
    await start("chain");
    push("acme/chain:a");
    fixture.hub.lookUpAnswer = answer;
    expect((await hook("acme/chain", "a")).body).toMatchObject({
      outcome: "ignored",
      reason: expect.stringContaining("the registry will be asked again"),
    });
    expect(fixture.hub.tags()).toEqual(["a"]);
    fixture.hub.lookUpAnswer = null;
    fixture.later(30_000);
    await sweep(fixture.relay);
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
    expect(await states("chain")).toEqual(["done", "building", "waiting"]);
  });

  test("advances its run later if Docker Hub is slow to show the push", async () => {
    await start("chain");
    await hook("acme/chain", "a");
    push("acme/chain:a");
    fixture.later(6_000);
    await sweep(fixture.relay);
    expect(await states("chain")).toEqual(["done", "building", "waiting"]);
  });

  test("starts nothing outside of a run if it is forged", async () => {
    await start("chain");
    for (const tag of ["a", "b", "c"]) {
      push(`acme/chain:${tag}`);
      await hook("acme/chain", tag);
    }
    expect(await states("chain")).toEqual(["done", "done", "done"]);
    fixture.later(60_000);
    expect((await hook("acme/chain", "a")).body).toMatchObject({ outcome: "ignored" });
    expect(fixture.hub.tags()).toEqual(["a", "b", "c"]);
    push("acme/chain:a", Date.now() + 61_000);
    fixture.later(60_000);
    await sweep(fixture.relay);
    expect(fixture.hub.tags()).toEqual(["a", "b", "c", "b"]);
  });
});

describe("a webhook of a repository that cannot be read", () => {
  beforeEach(() => {
    fixture.hub.isReadable = false;
  });

  test("is believed by default", async () => {
    await start("chain");
    expect((await hook("acme/chain", "a")).body).toMatchObject({ outcome: "advanced" });
    expect(fixture.hub.tags()).toEqual(["a", "b"]);
  });

  test("changes nothing with confirm: hub", async () => {
    await start("strict");
    expect((await hook("acme/strict", "a")).body).toMatchObject({ outcome: "ignored" });
    expect(fixture.hub.tags()).toEqual(["a"]);
  });
});

test("with confirm: webhook, Docker Hub is not asked", async () => {
  await start("trusting");
  expect((await hook("acme/trusting", "a")).body).toMatchObject({ outcome: "advanced" });
  expect(fixture.hub.lookUps()).toBe(0);
});
