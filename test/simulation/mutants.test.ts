// The simulation finds each defect of mutants.ts. This checks the simulation, not the program: npm run test:simulation.
import { beforeAll, expect, test } from "vitest";
import { seedOf } from "../random.ts";
import { findMutants } from "./find-mutants.ts";
import type { Finding } from "./mutant-worker.ts";
import { mutants } from "./mutants.ts";

/** Enough for a defect that most worlds show. */
const maxWorlds = 60;
const seed = Date.now() >>> 0;
let findings: ReadonlyMap<string, Finding | null> = new Map();
beforeAll(async () => {
  const fresh = Array.from({ length: maxWorlds }, (_, index) => seedOf(seed, index));
  findings = await findMutants(
    mutants.map(({ name, world }) => ({ mutant: name, worlds: world === undefined ? fresh : [world] })),
  );
}, 600_000);

// If a change of the simulation changed the worlds, this finds another one: npm run simulate -- --mutant "…"
test.each(mutants)("the simulation finds that $name", ({ name }) => {
  expect(findings.get(name)?.violation, `npm run simulate -- --mutant "${name}"`).toMatch(/\S/);
  expect(findings.get(name)?.without).toBeNull();
});
