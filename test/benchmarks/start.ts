// Measures how long the local program takes from its start until it listens, and until it has answered a request.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { makeFolder, root } from "../stand-ins/program.ts";
import { atMost, ms, type Section, times } from "./section.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { takeTurns } from "./take-turns.ts";

const rounds = 12;

const main = join(root, "functions/local/npm-start.js");
const loadAll = join(root, "test/benchmarks/load-all.ts");

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
  ["npm start", { command: "npm", args: ["start", "--"], env: {} }],
] as const);
type Name = typeof ways extends Map<infer Key, unknown> ? Key : never;
type Way = { command: string; args: readonly string[]; env: Record<string, string> };

export type Start = { name: Name; listens: Spread; answers: Spread }[];

export async function measureStart(): Promise<Start> {
  const subjects = new Map<Name, Way>(ways);
  const answered = new Map<Name, number[]>();
  const listensOf = await takeTurns(subjects, rounds, async (way, name) => {
    const { listensMs, answersMs } = await startOnce(way);
    answered.set(name, [...(answered.get(name) ?? []), answersMs]);
    return [listensMs];
  });
  return [...subjects.keys()].map((name) => ({
    name,
    listens: spreadOf(listensOf(name)),
    // Those of the rounds that warmed up come first.
    answers: spreadOf((answered.get(name) ?? []).slice(-rounds)),
  }));
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

export function reportStart(figures: Start): Section {
  const all = figures.find(({ name }) => name === "loads everything first");
  const ours = figures.find(({ name }) => name === "program");
  if (all === undefined || ours === undefined) throw new Error("expected all measurements");
  return {
    title: "Start",
    about: `The time from the start of the process until the local program says that it listens, and until it has answered a health
check; the median of ${rounds} in turn, in an empty folder. What only some programs need, such as AWS's client, is loaded when it is
used, and what Node has compiled is kept for the next start. *Loads everything first* does without both, as the program once did.
\`npm start\` also starts npm, which takes most of its time.`,
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
