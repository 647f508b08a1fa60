// A scheduled start waits for the run of another pipeline that is under way.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply } from "../../../shared/relay/apply.ts";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { newRunId } from "../../../shared/relay/relay.ts";
import { startScheduled } from "../../../shared/relay/start-scheduled.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({
    weekly: { image: "acme/weekly", sequence: ["w"] },
    monthly: { image: "acme/monthly", sequence: ["m"] },
    daily: { image: "acme/daily", waitFor: ["weekly", "monthly"], after: "weekly", sequence: ["d"] },
  });
});
afterEach(() => fixture.stop());

function pipelineOf(name: string) {
  const pipeline = fixture.relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  return pipeline;
}
async function start(name: string) {
  const pipeline = pipelineOf(name);
  const request = { cause: "manual", from: null, newRunId: newRunId(fixture.relay, pipeline) } as const;
  return (await apply(fixture.relay, pipeline, { kind: "runRequested", ...request })).state.run?.id ?? "";
}
const cancel = (name: string, runId: string) =>
  apply(fixture.relay, pipelineOf(name), { kind: "cancelled", runId });
const push = (repository: string, tag: string) =>
  receivePushes(fixture.relay, [{ image: { repository, tag }, digest: null, pushedAt: null }]);
const runsOf = async (name: string) => (await fixture.relay.store.listRuns(name, 10, null)).runs;
const schedule = (at: number) => startScheduled(fixture.relay, pipelineOf("daily"), at);
const dueAt = () => fixture.relay.clock();

describe("a scheduled start", () => {
  test("starts at once while no run of the others is under way", async () => {
    await schedule(dueAt());
    expect(await runsOf("daily")).toMatchObject([{ status: "running", cause: "schedule" }]);
  });

  test("waits for the run that is under way, and is then one run with what its success starts", async () => {
    const at = dueAt();
    await start("weekly");
    await schedule(at);
    // EventBridge may deliver an event twice.
    await schedule(at);
    expect(await runsOf("daily")).toEqual([]);
    await push("acme/weekly", "w");
    expect(await runsOf("daily")).toMatchObject([{ status: "running", cause: "schedule" }]);
    await push("acme/daily", "d");
    await schedule(at);
    expect(await runsOf("daily")).toHaveLength(1);
    expect((await fixture.relay.store.load("weekly")).state).toMatchObject({ outbox: [] });
  });

  test("is queued if another run is under way by then, because a success starts one, too", async () => {
    await start("weekly");
    await schedule(dueAt());
    await start("daily");
    await push("acme/weekly", "w");
    expect((await fixture.relay.store.load("daily")).state).toMatchObject({
      run: { cause: "manual" },
      queuedRun: { cause: "upstream", from: null },
    });
    expect((await fixture.relay.store.load("weekly")).state).toMatchObject({ outbox: [] });
    await push("acme/daily", "d");
    expect(await runsOf("daily")).toMatchObject([{ cause: "upstream" }, { cause: "manual" }]);
  });

  test("that was handled already still makes the start that a success causes", async () => {
    const at = dueAt();
    await schedule(at);
    await push("acme/daily", "d");
    await start("weekly");
    // EventBridge may deliver an event twice, and the other pipeline does not know what this one has handled.
    await schedule(at);
    await push("acme/weekly", "w");
    expect(await runsOf("daily")).toMatchObject([{ cause: "upstream" }, { cause: "schedule" }]);
  });

  test("is still caused by a success if it has to wait once more", async () => {
    await start("weekly");
    const run = await start("monthly");
    await schedule(dueAt());
    await push("acme/weekly", "w");
    await start("daily");
    await cancel("monthly", run);
    expect((await fixture.relay.store.load("daily")).state).toMatchObject({
      run: { cause: "manual" },
      queuedRun: { cause: "upstream" },
    });
  });

  test("starts also if the run that it has waited for did not succeed", async () => {
    const run = await start("weekly");
    await schedule(dueAt());
    await cancel("weekly", run);
    expect(await runsOf("daily")).toMatchObject([{ status: "running", cause: "schedule" }]);
  });

  test("waits for one after the other", async () => {
    await start("weekly");
    const run = await start("monthly");
    await schedule(dueAt());
    await push("acme/weekly", "w");
    expect(await runsOf("daily")).toEqual([]);
    await cancel("monthly", run);
    expect(await runsOf("daily")).toMatchObject([{ cause: "schedule" }]);
  });

  test("that comes a day later while it still waits is the same start", async () => {
    await start("weekly");
    const at = dueAt();
    await schedule(at - 86_400_000);
    await schedule(at);
    await push("acme/weekly", "w");
    expect(await runsOf("daily")).toHaveLength(1);
    expect((await fixture.relay.store.load("daily")).state.scheduledFor).toBe(at);
  });
});

test("a start by a person does not wait", async () => {
  await start("weekly");
  await start("daily");
  expect(await runsOf("daily")).toMatchObject([{ status: "running", cause: "manual" }]);
});
