// A batch of pushes, as some registries report them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { StoreUnavailableError } from "../../../shared/store/store.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

let fixture: Fixture;
beforeAll(async () => {
  const sequence = ["a", "b", "c", "d"];
  fixture = await startFixture({
    chain: { image: "acme/chain", confirm: "webhook", onPush: "propagate", sequence },
    one: { image: "acme/one", confirm: "webhook", sequence },
    two: { image: "acme/two", confirm: "webhook", sequence },
    three: { image: "acme/three", confirm: "webhook", sequence },
  });
});
afterAll(() => fixture.stop());

const digests = { first: `sha256:${"1".repeat(64)}`, second: `sha256:${"2".repeat(64)}` };
const push = (repository: string, tag: string, pushedAt: number, digest: string | null = null) => ({
  image: { repository, tag },
  digest,
  pushedAt,
});

test("the pushes of a pipeline are handled in the order of the batch", async () => {
  const results = await receivePushes(fixture.relay, [
    push("acme/chain", "a", 1),
    push("acme/unknown", "a", 2),
    push("acme/chain", "b", 3),
    push("acme/chain", "c", 4),
  ]);
  expect(results.map(({ step, outcome }) => [step, outcome.kind])).toEqual([
    ["a", "advanced"],
    ["b", "advanced"],
    ["c", "advanced"],
  ]);
  expect(fixture.hub.tags()).toEqual(["b", "c", "d"]);
});

test("of two pushes of the same image, the second comes after the first is saved", async () => {
  const { load, save } = fixture.relay.store;
  const seen: string[] = [];
  const relay = {
    ...fixture.relay,
    store: {
      ...fixture.relay.store,
      load: async (pipeline: string) => {
        seen.push("load");
        return load(pipeline);
      },
      save: async (...saving: Parameters<typeof save>) => {
        const saved = await save(...saving);
        seen.push("save");
        return saved;
      },
    },
  };
  const results = await receivePushes(relay, [
    push("acme/one", "a", 1, digests.first),
    push("acme/one", "a", 1, digests.first),
  ]);
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(["advanced", "duplicate"]);
  expect(seen.slice(0, 2)).toEqual(["load", "save"]);
  expect(seen.filter((each) => each === "load")).toHaveLength(2);
});

test("a push that cannot be saved does not stop the others, and the batch fails in the end", async () => {
  const { load } = fixture.relay.store;
  let failures = 0;
  const relay = {
    ...fixture.relay,
    store: {
      ...fixture.relay.store,
      load: async (pipeline: string) => {
        if (pipeline === "two" && failures === 0) {
          failures += 1;
          throw new StoreUnavailableError("the store is unreachable");
        }
        return load(pipeline);
      },
    },
  };
  const batch = [push("acme/two", "b", 1), push("acme/two", "a", 2), push("acme/three", "a", 3)];
  await expect(receivePushes(relay, batch)).rejects.toThrow(StoreUnavailableError);
  expect(failures).toBe(1);
  for (const name of ["two", "three"]) {
    const { run } = (await fixture.relay.store.load(name)).state;
    expect(run?.steps.find(({ name }) => name === "b")).toMatchObject({ state: "building" });
  }
});

test("an empty batch does nothing", async () => {
  expect(await receivePushes(fixture.relay, [])).toEqual([]);
});
