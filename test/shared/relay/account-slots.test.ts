import { afterEach, expect, test } from "vitest";
import { apply } from "../../../shared/relay/apply.ts";
import { receivePushes } from "../../../shared/relay/receive-push.ts";
import { newRunId } from "../../../shared/relay/relay.ts";
import { sweep } from "../../../shared/relay/sweep.ts";
import type { Trigger } from "../../stand-ins/docker-hub.ts";
import { until } from "../../stand-ins/program.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

let fixture: Fixture | null = null;
afterEach(() => fixture?.stop());

const chains = (names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [name, { confirm: "webhook", image: `acme/${name}`, sequence: ["a", "b"] }]),
  );

async function prepare(names: readonly string[], maxParallel: number) {
  const started = await startFixture(chains(names), { acme: { maxParallel } });
  fixture = started;
  const { relay } = started;
  const start = async (name: string) => {
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) throw new Error("expected a pipeline");
    const request = { cause: "manual", from: null } as const;
    await apply(relay, pipeline, { kind: "runRequested", newRunId: newRunId(relay, pipeline), ...request });
  };
  const push = (name: string, tag: string) =>
    receivePushes(relay, [{ image: { repository: `acme/${name}`, tag }, digest: null, pushedAt: null }]);
  return { ...started, start, push };
}

test("an account never exceeds maxParallel across pipelines, and a released slot goes to the next step at once", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const { hub, relay, start, push } = await prepare(names, 3);
  let now = 0;
  let most = 0;
  const received: Promise<unknown>[] = [];
  const build = ({ path, tag }: Trigger) => {
    const [, , , name = ""] = path.split("/");
    const tookMs = 10 + Math.random() * 30;
    setTimeout(() => {
      now -= 1;
      received.push(push(name, tag));
    }, tookMs);
  };
  hub.onAccepted = () => {
    now += 1;
  };
  await Promise.all(names.map(start));
  expect(hub.triggers).toHaveLength(3);
  hub.onAccepted = (trigger) => {
    now += 1;
    most = Math.max(most, now);
    build(trigger);
  };
  hub.triggers.forEach(build);
  const isOver = async () => {
    const states = await relay.store.loadMany(names);
    return [...states.values()].filter(({ run }) => run?.status === "succeeded").length === names.length;
  };
  // No sweep runs: a released slot is offered to the next step.
  await until(isOver, "all runs succeed");
  await Promise.all(received);
  expect(most).toBeLessThanOrEqual(3);
  expect(hub.triggers).toHaveLength(2 * names.length);
});

test("the step that has waited longest gets the next slot", async () => {
  const { hub, start, push } = await prepare(["p", "q", "r"], 1);
  for (const name of ["r", "p", "q"]) await start(name);
  expect(hub.triggers).toHaveLength(1);
  // The next step of a pipeline queues behind the steps that already wait.
  for (const [name, tag] of [
    ["r", "a"],
    ["p", "a"],
    ["q", "a"],
    ["r", "b"],
    ["p", "b"],
    ["q", "b"],
  ] as const) {
    expect(hub.triggers.at(-1)).toMatchObject({ path: expect.stringContaining(`/${name}/`), tag });
    await push(name, tag);
  }
});

test("a waiting step says what it waits for, and a slot that a crash lost is recovered", async () => {
  const { hub, relay, start, later } = await prepare(["p", "q"], 1);
  const crashed = { pipeline: "p", runId: "p.crashed", step: "a", since: relay.clock() };
  await relay.slots.acquire({ name: "acme", maxParallel: 1 }, crashed);
  await start("q");
  expect(hub.triggers).toHaveLength(0);
  const { state } = await relay.store.load("q");
  expect(state.run?.steps[0]).toMatchObject({
    state: "due",
    reason: "waiting: acme runs at most 1 build at once",
  });
  later(3 * 60_000);
  await sweep(relay);
  expect(hub.triggers).toHaveLength(1);
});

test("the slot of a running build is never taken away, however old it is", async () => {
  const { hub, relay, start, later } = await prepare(["p", "q"], 1);
  await start("p");
  await start("q");
  for (let hours = 0; hours < 4; hours += 1) {
    later(60 * 60_000);
    await sweep(relay);
  }
  expect(hub.tags()).toEqual(["a"]);
});
