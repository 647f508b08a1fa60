import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerHub, pushWebhook } from "../../stand-ins/docker-hub.ts";
import type { Program } from "../../stand-ins/program.ts";
import { startWithHub, type WithHub } from "../../stand-ins/with-hub.ts";

const count = 200;
/** In a single run, whose whole state is saved for each webhook. */
const countInRun = 50;
const copies = 4;
const clients = 8;

let setup: WithHub<Program>;
let hub: DockerHub;
let program: Program;
const indices = Array.from({ length: count }, (_, index) => index);

beforeAll(async () => {
  const chains = indices.map((index) => [
    `chain-${index}`,
    { image: `acme/chain-${index}`, sequence: ["first", "next"] },
  ]);
  const wide = Object.fromEntries(
    indices.slice(0, countInRun).flatMap((index) => [
      [`first-${index}`, { image: `acme/wide:first-${index}` }],
      [`next-${index}`, { image: `acme/wide:next-${index}`, after: `first-${index}` }],
    ]),
  );
  setup = await startWithHub({ ...Object.fromEntries(chains), wide: { steps: wide } });
  ({ hub, program } = setup);
});
afterAll(() => setup.close());

/** Sends each body several times, in random order, from several clients at once. */
async function sendAll(bodies: readonly string[]) {
  const queue = bodies.flatMap((body) =>
    Array.from({ length: copies }, () => ({ body, order: Math.random() })),
  );
  queue.sort((a, b) => a.order - b.order);
  const outcomes: string[] = [];
  const client = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { status, body } = await program.hook(next.body);
      // On a busy machine, a request may be refused; it was not handled then.
      if (status === 503) queue.push(next);
      else outcomes.push(status === 200 ? body.outcome : String(status));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const byOutcome = [...Map.groupBy(outcomes, (outcome) => outcome)];
  return Object.fromEntries(byOutcome.map(([outcome, all]) => [outcome, all.length]));
}

describe(`hundreds of webhooks, each sent ${copies} times in random order by ${clients} clients at once,`, () => {
  test("trigger each next step exactly once, outside of any run", async () => {
    const outcomes = await sendAll(indices.map((index) => pushWebhook(`acme/chain-${index}`, "first")));
    const triggered = hub.triggers.map(({ path }) => path.split("/")[3]);
    expect(triggered.length).toBe(count);
    expect(new Set(triggered).size).toBe(count);
    expect(outcomes).toEqual({ advanced: count, duplicate: count * (copies - 1) });
  });

  test("trigger each next step exactly once, within runs", async () => {
    hub.triggers.length = 0;
    for (const index of indices) await program.api("POST", `/pipelines/chain-${index}/runs`);
    // The runs of the last test are still active.
    expect(hub.triggers).toEqual([]);
    const { body } = await program.api("GET", "/pipelines");
    for (const { name, run } of body.pipelines) {
      if (name !== "wide") await program.api("POST", `/runs/${run.id}/cancel`);
    }
    for (const index of indices) await program.api("POST", `/pipelines/chain-${index}/runs`);
    expect(hub.tags().filter((tag) => tag === "first").length).toBe(count);
    const outcomes = await sendAll(indices.map((index) => pushWebhook(`acme/chain-${index}`, "first")));
    expect(hub.tags().filter((tag) => tag === "next").length).toBe(count);
    expect(outcomes).toEqual({ advanced: count, duplicate: count * (copies - 1) });
  });

  test("trigger each next step exactly once if all of them are for one run", async () => {
    hub.triggers.length = 0;
    await program.api("POST", "/pipelines/wide/runs");
    expect(hub.triggers.length).toBe(countInRun);
    const firsts = indices.slice(0, countInRun).map((index) => pushWebhook("acme/wide", `first-${index}`));
    const outcomes = await sendAll(firsts);
    const next = hub.tags().filter((tag) => tag.startsWith("next-"));
    expect(next.length).toBe(countInRun);
    expect(new Set(next).size).toBe(countInRun);
    expect(outcomes).toEqual({ advanced: countInRun, duplicate: countInRun * (copies - 1) });
  }, 90_000);
});
