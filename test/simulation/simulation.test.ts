import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../stand-ins/program.ts";
import { mutants } from "./mutants.ts";
import { runWorld } from "./world.ts";

test("60 fresh worlds violate nothing", async () => {
  const { code, stdout, stderr } = await simulate("--runs", "60");
  expect(stdout + stderr).toMatch(
    /^seed \d+: 60 worlds with \d+ runs, \d+ triggers and \d+ faults\nno violation; /,
  );
  expect(code).toBe(0);
}, 120_000);

test("a world is the same each time", async () => {
  const historyOf = async () => {
    const history: string[] = [];
    await runWorld({ seed: 4_711, print: (line) => history.push(line) });
    return history;
  };
  const first = await historyOf();
  expect(first.length).toBeGreaterThan(20);
  expect(await historyOf()).toEqual(first);
});

test("npm run simulate prints the shortest history of a violation, and exits with 1", async () => {
  const { code, stdout } = await simulate(
    // This world violates something without any fault, so its history is shortened quickly.
    ...["--runs", "1", "--seed", "1", "--mutant", "a trigger is sent before it is saved"],
  );
  expect(stdout).toMatch(/a violation; .*\nworld \d+: \S/);
  expect(stdout).toMatch(/The shortest history of world \d+[\s\S]*VIOLATED: \S/);
  expect(code).toBe(1);
}, 60_000);

test("npm run simulate -- --world prints the history of that world", async () => {
  const { world } = mutants.find(({ name }) => name === "a redeploy does not keep the order") ?? {};
  const options = ["--world", String(world)];
  const violated = await simulate(...options, "--mutant", "a redeploy does not keep the order");
  expect(violated).toMatchObject({ code: 1, stdout: expect.stringContaining("VIOLATED") });
  const sound = await simulate(...options);
  expect(sound).toMatchObject({ code: 0, stdout: expect.not.stringContaining("VIOLATED") });
});

test("npm run simulate says which option is wrong", async () => {
  const { code, stderr } = await simulate("--runs", "many");
  expect(stderr).toContain('expected --runs to be a whole number, found "many"');
  expect(code).toBe(2);
});

function simulate(...args: string[]) {
  const child = spawn(process.execPath, ["test/simulation/simulate.ts", ...args], {
    cwd: root,
    env: { PATH: process.env.PATH },
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
