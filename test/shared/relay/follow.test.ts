import { afterEach, beforeEach, expect, test } from "vitest";
import { apply } from "../../../shared/relay/apply.ts";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { newRunId } from "../../../shared/relay/relay.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({
    base: { image: "acme/base", sequence: ["a"] },
    family: { image: "acme/family", after: "base", sequence: ["x", "y"] },
  });
});
afterEach(() => fixture.stop());

async function start(name: string) {
  const pipeline = fixture.relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  const start = { cause: "manual", from: null } as const;
  const newRun = newRunId(fixture.relay, pipeline);
  await apply(fixture.relay, pipeline, { kind: "runRequested", newRunId: newRun, ...start });
}
const push = (repository: string, tag: string) =>
  receivePushes(fixture.relay, [{ image: { repository, tag }, digest: null, pushedAt: null }]);
const runOf = async (name: string) => (await fixture.relay.store.load(name)).state.run;

test("the success of a pipeline starts the pipeline that comes after it", async () => {
  await start("base");
  await push("acme/base", "a");
  expect(await runOf("family")).toMatchObject({ status: "running", cause: "upstream" });
  expect(fixture.hub.tags()).toEqual(["a", "x"]);
  // Nothing is left to do for the ended run.
  fixture.later(3_600_000);
  const { state } = await fixture.relay.store.load("base");
  expect(state.outbox).toEqual([]);
});

test("a pipeline with an active run starts again when that run ends", async () => {
  await start("family");
  const active = await runOf("family");
  await start("base");
  await push("acme/base", "a");
  expect((await runOf("family"))?.id).toBe(active?.id);
  await push("acme/family", "x");
  await push("acme/family", "y");
  const { runs } = await fixture.relay.store.listRuns("family", 10, null);
  expect(runs.map(({ status }) => status)).toEqual(["running", "succeeded"]);
  expect(await runOf("family")).toMatchObject({ status: "running", cause: "upstream" });
  expect(fixture.hub.tags()).toEqual(["x", "a", "y", "x"]);
});
