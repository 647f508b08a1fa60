// The time to fresh, which is simulated and so is the same on every machine.
import { expect, test } from "vitest";
import { family } from "./family.ts";
import { measureFleet, webhookMs } from "./fleet.ts";
import { asSoonAsPossible, levelByLevel, nightly, nightlySpread } from "./time-to-fresh.ts";

const minute = 60_000;
const hour = 60 * minute;
const chain = [
  { name: "base", after: null, takesMs: 5 * minute, level: 0 },
  { name: "hub", after: "base", takesMs: 30 * minute, level: 1 },
  { name: "node-base", after: "base", takesMs: 10 * minute, level: 1 },
  { name: "node-chrome", after: "node-base", takesMs: 10 * minute, level: 2 },
] as const;

test("the family has 18 images, each after the one that it is built from, in four levels", () => {
  expect(family).toHaveLength(18);
  expect(Math.max(...family.map(({ level }) => level))).toBe(3);
  expect(family.find(({ name }) => name === "standalone-edge")).toMatchObject({
    after: "node-edge",
    level: 3,
  });
});

test("Tagrelay adds to the critical path and the wait for machines only a webhook for each level", async () => {
  const { tagrelayMs, withQueueMs } = await measureFleet();
  expect(tagrelayMs).toBe(withQueueMs + 3 * webhookMs);
});

test("the critical path is the slowest chain of builds, and a wait counts once for each of its builds", () => {
  expect(asSoonAsPossible(chain, { queueMs: 0, betweenMs: 0 })).toBe(30 * minute);
  const others = chain.filter(({ name }) => name !== "hub");
  expect(asSoonAsPossible(others, { queueMs: minute, betweenMs: 2 * minute })).toBe(26 * minute);
});

test("a workflow for each level waits for the slowest image of the level before", () => {
  expect(levelByLevel(chain, { queueMs: 0, betweenMs: minute })).toBe(42 * minute);
});

test("with a cron job for each level, a base that misses its level waits for a day", () => {
  expect(nightly(chain, 0, 0)).toBe(2 * hour + 10 * minute);
  expect(nightly(chain, hour, 0)).toBe(hour + 10 * minute);
  expect(nightly(chain, hour + 1, 0)).toBe(25 * hour + 10 * minute - 1);
  const { best, mean, worst } = nightlySpread(chain, 0);
  expect([best < mean, mean < worst, worst < 26 * hour]).toEqual([true, true, true]);
});
