// Measures how long the local program takes from its start until it listens, and until it has answered a request.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder, root } from "../stand-ins/program.ts";
import { placeOf, profileSchema, timesByModule } from "./profiles.ts";
import { atMost, ms, type Section, times } from "./section.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { takeTurns } from "./take-turns.ts";

const rounds = 12;
const profiles = 5;

const main = join(root, "functions/local/npm-start.js");
const loadAll = join(root, "test/benchmarks/load-all.ts");

const serverAlone = `require("node:http").createServer((_, response) => response.end()).listen(0, function () {
  console.log("tagrelay listening on http://127.0.0.1:" + this.address().port);
})`;

/** The ways to start it, as commands. */
const ways = new Map([
  ["program", { command: process.execPath, args: [main], env: {} }],
  // As it was before: nothing waits until it is used, and Node keeps nothing.
  [
    "loads everything first",
    {
      command: process.execPath,
      args: ["--import", loadAll, main],
      env: { NODE_DISABLE_COMPILE_CACHE: "1" },
    },
  ],
  [
    "Node alone, with an HTTP server",
    { command: process.execPath, args: ["-e", serverAlone, "--"], env: {} },
  ],
  ["npm start", { command: "npm", args: ["start", "--"], env: {} }],
] as const);
type Name = typeof ways extends Map<infer Key, unknown> ? Key : never;
type Way = { command: string; args: readonly string[]; env: Record<string, string> };

export type Start = {
  ways: { name: Name; listens: Spread; answers: Spread }[];
  /** Milliseconds until it listens, by packages and folders, from a profile. */
  modules: { name: string; ms: number }[];
};

export async function measureStart(): Promise<Start> {
  const subjects = new Map<Name, Way>(ways);
  const answered = new Map<Name, number[]>();
  const listensOf = await takeTurns(subjects, rounds, async (way, name) => {
    const { listensMs, answersMs } = await startOnce(way);
    answered.set(name, [...(answered.get(name) ?? []), answersMs]);
    return [listensMs];
  });
  const measured = [...subjects.keys()].map((name) => ({
    name,
    listens: spreadOf(listensOf(name)),
    // Those of the rounds that warmed up come first.
    answers: spreadOf((answered.get(name) ?? []).slice(-rounds)),
  }));
  return { ways: measured, modules: await profileStart() };
}

/** Means of some starts. */
async function profileStart(): Promise<Start["modules"]> {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-profile-"));
  const args = ["--cpu-prof", "--cpu-prof-interval=250", `--cpu-prof-dir=${folder}`, main];
  for (let times = 0; times < profiles; times += 1) {
    await startOnce({ command: process.execPath, args, env: {} });
  }
  const sums = new Map<string, number>();
  for (const file of readdirSync(folder)) {
    const profile = profileSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    for (const [name, took] of timesByModule(profile, (frame) => placeOf(frame, "others"))) {
      sums.set(name, (sums.get(name) ?? 0) + took / profiles);
    }
  }
  rmSync(folder, { recursive: true });
  return [...sums].map(([name, took]) => ({ name, ms: took })).sort((a, b) => b.ms - a.ms);
}

/** In a folder without a state, with the sample's pipelines. */
async function startOnce({ command, args, env }: Way): Promise<{ listensMs: number; answersMs: number }> {
  const folder = makeFolder();
  const startedAt = performance.now();
  const child = spawn(command, [...args, "--port", "0", "--data", folder.data], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "ignore"],
    // A group of its own, because npm starts another process.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let stdout = "";
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      const [, found] = /^tagrelay listening on (\S+)$/m.exec(stdout) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => reject(new Error(`expected that ${command} listens, found that it ended`)));
  });
  const listensMs = performance.now() - startedAt;
  const { status } = await fetch(`${origin}/healthz`);
  const answersMs = performance.now() - startedAt;
  if (status !== 200) throw new Error(`expected status 200 of a health check, found ${status}`);
  process.kill(-(child.pid ?? 0), "SIGTERM");
  await ended;
  folder.remove();
  return { listensMs, answersMs };
}

export function reportStart({ ways: figures, modules }: Start): Section {
  const all = figures.find(({ name }) => name === "loads everything first");
  const ours = figures.find(({ name }) => name === "program");
  if (all === undefined || ours === undefined) throw new Error("expected all measurements");
  return {
    title: "Start",
    about: `The time from the start of the process until the local program says that it listens, and until it has answered a health
check; the median of ${rounds} in turn, in an empty folder. What only some programs need, such as AWS's client, is loaded when it is
used, and what Node has compiled is kept for the next start. *Loads everything first* does without both, as the program once did.
\`npm start\` also starts npm, which takes most of its time.

The profile, which slows everything down, is of the whole start, a health check and the end. All that a webhook needs is loaded before
the program listens, so that the first webhook is not slow and no missing file is found only by it. What is left is Node's own start and
some eight hundred modules, half of them our own; to bundle them would save most of it, but the program runs from its sources, without a
build step.`,
    tables: [
      {
        heads: ["start", "listens", "relative", "has answered", "relative"],
        rows: figures.map(({ name, listens, answers }) => [
          name === "program" ? "**`node functions/local/npm-start.js`**" : name,
          ms(listens.p50),
          times(listens.p50 / all.listens.p50),
          ms(answers.p50),
          times(answers.p50 / all.answers.p50),
        ]),
      },
      {
        heads: ["module", "time in the profile"],
        rows: modules.filter(({ ms }) => ms >= 2).map(({ name, ms: took }) => [name, ms(took)]),
      },
    ],
    ratios: [
      {
        what: "start until it listens, relative to loading everything first",
        value: ours.listens.p50 / all.listens.p50,
        target: atMost(0.35),
      },
    ],
  };
}
