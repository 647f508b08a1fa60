// Sends generated requests to the real program and watches it.
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, seedOf } from "../random.ts";
import { startDockerHub } from "../stand-ins/docker-hub.ts";
import { makeFolder, type Program, residentBytes, startProgram } from "../stand-ins/program.ts";
import { type Connection, openConnection } from "./connection.ts";
import { makeGarbage } from "./garbage.ts";
import { problemOfAnswer, problemOfLine } from "./problems.ts";
import { type FuzzRequest, type Known, makeRequest } from "./requests.ts";

export type FuzzOptions = { requests: number; seed: number; first: number };
export type Problem = { what: string; index: number | null; bytes: Buffer };
export type FuzzResult = {
  /** Counts by status; `cut` and `none` for requests without an answer. */
  answers: Map<string, number>;
  kinds: Map<string, number>;
  problems: Problem[];
  seconds: number;
  logLines: number;
  /** Memory compared with the most during the warm-up: at most, and at the end. */
  grownBytes: { most: number; end: number };
};

const connections = 12;
const maxPipelined = 6;
const maxAnswerMs = 30_000;
// Malformed requests may get no answer, so do not wait long.
const maxGarbageMs = 40;

const pipelines = {
  chain: {
    image: "acme/chain",
    source: { bitbucket: "acme/images", tags: "*" },
    onPush: "propagate",
    sequence: ["a", "b", "c"],
  },
  wide: { image: "acme/wide", source: { gitlab: "acme/images" }, sequence: ["a", ["b", "c", "latest"], "x"] },
  graph: {
    source: { github: "acme/images" },
    steps: { base: { image: "acme/base:1" }, top: { image: "acme/base:latest", after: "base" } },
  },
};

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const folder = makeFolder();
  const hub = await startDockerHub();
  const program = await startProgram([
    ...["--data", folder.data, "--config", folder.config(pipelines)],
    ...["--hub-url", hub.origin, "--registry-url", hub.origin],
  ]);
  try {
    return await attack(program, await startRuns(program), options);
  } finally {
    await program.kill("SIGKILL");
    await hub.close();
    folder.remove();
  }
}

async function startRuns(program: Program): Promise<Known> {
  const started = Object.keys(pipelines).map((name) => program.api("POST", `/pipelines/${name}/runs`));
  return { runIds: (await Promise.all(started)).map(({ body }) => String(body.id)) };
}

async function attack(
  program: Program,
  known: Known,
  { requests, seed, first }: FuzzOptions,
): Promise<FuzzResult> {
  const startedAt = Date.now();
  const tally = { answers: new Map<string, number>(), kinds: new Map<string, number>() };
  const problems: Problem[] = [];
  const port = Number(new URL(program.origin).port);
  const memory = watchMemory(program);
  let made = 0;
  let isOver = false;

  const note = ({ kind, bytes }: FuzzRequest, index: number, status: string, what: string | null) => {
    add(tally.answers, status);
    add(tally.kinds, kind);
    if (what !== null) problems.push({ what, index, bytes });
    if (made >= requests / 5) memory.warmedUp();
  };
  const take = () => {
    if (made >= requests || program.process.exitCode !== null) return null;
    const index = first + made;
    made += 1;
    const random = createRandom(seedOf(seed, index));
    return { index, request: random.chance(0.2) ? makeGarbage(random, known) : makeRequest(random, known) };
  };

  const sendAlone = async (request: FuzzRequest, index: number) => {
    const connection = await openConnection(port);
    const maxMs = request.isHttp ? maxAnswerMs : maxGarbageMs;
    const [answer] = await connection.ask(request.bytes, [request.method], maxMs);
    if (answer !== undefined) note(request, index, String(answer.status), problemOfAnswer(answer));
    else if (connection.isOpen()) note(request, index, "none", request.isHttp ? "no answer" : null);
    else note(request, index, "cut", null);
    connection.close();
  };

  const sendTogether = async (
    connection: Connection,
    batch: readonly { request: FuzzRequest; index: number }[],
  ) => {
    const bytes = Buffer.concat(batch.map(({ request }) => request.bytes));
    const methods = batch.map(({ request }) => request.method);
    const answers = await connection.ask(bytes, methods, maxAnswerMs);
    // If the server closed the connection after a refusal, the requests behind it have no answer.
    const isCut = !connection.isOpen();
    for (const [place, { request, index }] of batch.entries()) {
      const answer = answers[place];
      if (answer !== undefined) note(request, index, String(answer.status), problemOfAnswer(answer));
      else note(request, index, isCut ? "cut" : "none", isCut ? null : "no answer");
    }
    if (answers.length < batch.length) connection.close();
  };

  const work = async () => {
    let connection = await openConnection(port);
    for (let taken = take(); taken !== null; ) {
      const batch = [];
      for (; taken?.request.isComplete && batch.length < maxPipelined; taken = take()) batch.push(taken);
      if (!connection.isOpen()) connection = await openConnection(port);
      if (batch.length > 0) await sendTogether(connection, batch);
      if (taken !== null && !taken.request.isComplete) {
        await sendAlone(taken.request, taken.index);
        taken = take();
      }
    }
    connection.close();
  };
  const probe = async () => {
    while (!isOver) {
      const status = await askHealth(program);
      if (status !== 200 && !isOver) {
        problems.push({ what: `/healthz: ${status}`, index: null, bytes: Buffer.alloc(0) });
        if (program.process.exitCode !== null) return;
      }
      await sleep(250);
    }
  };

  const probing = probe();
  await Promise.all(Array.from({ length: connections }, work));
  // Let open work finish.
  await sleep(500);
  isOver = true;
  await probing;
  const code = program.process.exitCode;
  if (code !== null)
    problems.push({ what: `the program ended with ${code}`, index: null, bytes: Buffer.alloc(0) });
  const lines = program.stderr().split("\n").slice(0, -1);
  for (const line of lines) {
    const what = problemOfLine(line);
    if (what !== null)
      problems.push({ what: `${what}: ${line.slice(0, 300)}`, index: null, bytes: Buffer.alloc(0) });
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  return { ...tally, problems, seconds, logLines: lines.length, grownBytes: memory.grown() };
}

async function askHealth({ origin }: Program): Promise<number | string> {
  try {
    return (await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(10_000) })).status;
  } catch (error) {
    return error instanceof Error ? error.name : "unknown error";
  }
}

function watchMemory({ process }: Program) {
  let isWarm = false;
  let before = 0;
  let most = 0;
  const look = () => {
    if (process.exitCode !== null) return 0;
    const bytes = residentBytes(process);
    if (isWarm) most = Math.max(most, bytes);
    else before = Math.max(before, bytes);
    return bytes;
  };
  const timer = setInterval(look, 200);
  return {
    warmedUp: () => {
      if (isWarm) return;
      look();
      isWarm = true;
    },
    grown: () => {
      clearInterval(timer);
      const end = look();
      return { most: most - before, end: end - before };
    },
  };
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
