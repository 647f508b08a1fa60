import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Change, damage, filesOf, makeSubject, type Outcome } from "./damage.ts";

let subject = "";
beforeAll(async () => {
  subject = await makeSubject();
}, 60_000);
afterAll(() => rmSync(subject, { recursive: true, force: true }));

const places = Array.from({ length: 5 }, (_, index) => (index + 0.3) / 5);
const cuts: Change[] = [0, ...places].map((at) => (content) => content.subarray(0, content.length * at));
const flips: Change[] = places.map((at) => (content) => {
  const flipped = Buffer.from(content);
  const byte = Math.floor(content.length * at);
  flipped[byte] = (flipped[byte] ?? 0) ^ 4;
  return flipped;
});
const deletion: Change[] = [() => null];

async function outcomes(name: string | undefined, changes: readonly Change[]): Promise<Set<Outcome>> {
  const found = new Set<Outcome>();
  for (const change of changes) found.add(await damage(subject, name ?? "", change));
  return found;
}

test.each([
  { what: "cut off", changes: cuts },
  { what: "flipped", changes: flips },
  { what: "deleted", changes: deletion },
])("CURRENT and MANIFEST, $what, are told", async ({ changes }) => {
  const { current, manifest } = filesOf(subject);
  expect(await outcomes(current, changes)).toEqual(new Set(["told"]));
  expect(await outcomes(manifest, changes)).toEqual(new Set(["told"]));
});

test("a log with a flipped bit, or that is missing, is told", async () => {
  const [log] = filesOf(subject).logs;
  expect(await outcomes(log, [...flips, ...deletion])).toEqual(new Set(["told"]));
});

test("a table that is cut off or missing is told", async () => {
  const [table] = filesOf(subject).tables;
  expect(await outcomes(table, [...cuts, ...deletion])).toEqual(new Set(["told"]));
});

// A power cut without --durable looks the same, and must not keep the program from starting.
test("a log that is cut off is read up to there", async () => {
  const [log] = filesOf(subject).logs;
  expect(await outcomes(log, cuts)).toEqual(new Set(["silent"]));
});
