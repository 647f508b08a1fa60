import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { seedOf } from "../random.ts";
import { root } from "../stand-ins/program.ts";
import { mutants } from "./mutants.ts";
import { runWorld } from "./world.ts";

test("three hundred worlds that nobody has chosen violate nothing", async () => {
  const seed = Date.now() >>> 0;
  for (let index = 0; index < 300; index += 1) {
    const world = seedOf(seed, index);
    const { violation } = await runWorld({ seed: world });
    expect(violation, `npm run simulate -- --world ${world}`).toBeNull();
  }
}, 120_000);

test("a world is the same each time", async () => {
  const tell = async () => {
    const history: string[] = [];
    await runWorld({ seed: 4_711, say: (line) => history.push(line) });
    return history;
  };
  const first = await tell();
  expect(first.length).toBeGreaterThan(20);
  expect(await tell()).toEqual(first);
});

describe("the simulation finds that", () => {
  test.each(mutants.filter(({ world }) => world === undefined))(
    "$name",
    async ({ name }) => {
      const { code, stdout } = await simulate(["--runs", "4000"], { MUTANT: name });
      expect(stdout).toMatch(/a violation; .*\nworld \d+: \S/);
      expect(stdout).toContain("VIOLATED");
      expect(code).toBe(1);
    },
    120_000,
  );

  // Should the worlds have changed, `MUTANT=… npm run simulate` under mutate.ts finds another one.
  test.each(mutants.flatMap(({ name, world }) => (world === undefined ? [] : { name, world })))(
    "$name, in world $world",
    async ({ name, world }) => {
      const { code, stdout } = await simulate(["--world", String(world)], { MUTANT: name });
      expect(stdout).toContain("VIOLATED");
      expect(code).toBe(1);
      expect((await runWorld({ seed: world })).violation).toBeNull();
    },
  );
});

test("npm run simulate tells what is wrong with its options", async () => {
  const { code, stderr } = await simulate(["--runs", "many"]);
  expect(stderr).toContain('expected --runs to be a whole number, found "many"');
  expect(code).toBe(2);
});

function simulate(args: readonly string[], env: Record<string, string> = {}) {
  const mutate = "MUTANT" in env ? ["--import", "./test/simulation/mutate.ts"] : [];
  const child = spawn(process.execPath, [...mutate, "test/simulation/simulate.ts", ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stdout, stderr })),
  );
}
