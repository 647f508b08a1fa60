import { afterAll, beforeAll, expect, test } from "vitest";
import { createScheduleHandler } from "../../../functions/schedule/handle-schedule.ts";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import { type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let fixture: Fixture;
let handle: (event: unknown) => Promise<void>;
beforeAll(async () => {
  fixture = await startFixture({ chain: { image: "acme/chain", delay: "100s", sequence: ["a", "b"] } });
  const handler = createScheduleHandler(fixture.relay, async () => ({ kind: "missing" }));
  handle = (event) => handler(event, { getRemainingTimeInMillis: () => 120_000 });
});
afterAll(() => fixture.stop());

const runOf = async () => (await fixture.relay.store.load("chain")).state.run;
const start = { start: "chain", scheduledFor: "2026-11-20T03:00:00Z" };

test("a scheduled start starts one run, however often it is delivered", async () => {
  await handle(start);
  expect(await runOf()).toMatchObject({ cause: "schedule", status: "running" });
  expect(fixture.hub.tags()).toEqual(["a"]);
  await handle(start);
  expect(fixture.hub.tags()).toEqual(["a"]);
});

test("an instant between those of its interval starts nothing", async () => {
  const every = (scheduledFor: string, phaseMs?: number) =>
    handle({
      start: "chain",
      scheduledFor,
      everyMs: 90 * 60_000,
      ...(phaseMs === undefined ? {} : { phaseMs }),
    });
  const outcomes = () =>
    fixture.logLines
      .filter((line) => /schedule\.skipped/.test(line))
      .map((line) => JSON.parse(line).scheduledFor);
  await every("2026-11-20T03:30:00Z");
  await every("2026-11-20T04:00:00Z");
  await every("2026-11-20T04:30:00Z", 30 * 60_000);
  // The active run makes it skip those that count.
  await every("2026-11-20T04:30:00Z");
  await every("2026-11-20T05:00:00Z", 30 * 60_000);
  expect(outcomes().slice(-2)).toEqual(["2026-11-20T04:30:00.000Z", "2026-11-20T05:00:00.000Z"]);
});

test("a sweep triggers what is due", async () => {
  await fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: pushWebhook("acme/chain", "a"),
  });
  await handle({ sweep: true });
  expect(fixture.hub.tags()).toEqual(["a"]);
  fixture.later(100_000);
  await handle({ sweep: true });
  expect(fixture.hub.tags()).toEqual(["a", "b"]);
  expect(
    fixture.logLines.map((line) => JSON.parse(line)).filter(({ event }) => event === "sweep.done"),
  ).toMatchObject([{ pipelines: 0 }, { pipelines: 1 }]);
});

test("a scheduled start while a run is active is skipped, and logged", async () => {
  await handle({ ...start, scheduledFor: "2026-11-21T03:00:00Z" });
  expect(fixture.logLines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ event: "schedule.skipped", scheduledFor: "2026-11-21T03:00:00.000Z" }),
  );
});

test.each([
  [
    { start: "gone", scheduledFor: "2026-11-20T03:00:00Z" },
    'expected a pipeline of this deployment, found "gone"',
  ],
  [{ start: "chain", scheduledFor: "<aws.scheduler.scheduled-time>" }, "scheduledFor"],
  [{}, "sweep"],
  [{ lookAtUpstreams: 1 }, "expected text, found the number 1"],
])("%j is an error, so that Lambda keeps it as a dead letter", async (event, words) => {
  await expect(handle(event)).rejects.toThrow(words);
});
