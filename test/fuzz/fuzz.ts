// Sends made-up requests to the real program, and watches what becomes of it.
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, seedOf } from "../random.ts";
import { startDockerHub } from "../stand-ins/docker-hub.ts";
import { makeFolder, type Program, residentBytes, startProgram } from "../stand-ins/program.ts";
import { type Connection, openConnection } from "./connection.ts";
import { makeGarbage } from "./garbage.ts";
import { offenceOfAnswer, offenceOfLine } from "./offences.ts";
import { type Fuzzed, type Known, makeRequest } from "./requests.ts";

export type FuzzOptions = { requests: number; seed: number; first: number };
export type Offence = { what: string; index: number | null; bytes: Buffer };
export type FuzzResult = {
  /** Answers by status; what was closed or left without one. */
  answers: Map<string, number>;
  kinds: Map<string, number>;
  offences: Offence[];
  seconds: number;
  logLines: number;
  /** How much more memory there was at most than at the most during the warm-up, and at the end than after it. */
  grownBytes: { most: number; end: number };
};

const connections = 12;
const pipelinedAtMost = 6;
const answerAtMostMs = 30_000;
// What is broken may have no answer: nothing tells when to stop waiting.
const garbageAtMostMs = 40;

const pipelines = {
  chain: { image: "acme/chain", onPush: "propagate", sequence: ["a", "b", "c"] },
  wide: { image: "acme/wide", sequence: ["a", ["b", "c", "latest"], "x"] },
  graph: { steps: { base: { image: "acme/base:1" }, top: { image: "acme/base:latest", after: "base" } } },
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
  const offences: Offence[] = [];
  const port = Number(new URL(program.origin).port);
  const memory = watchMemory(program);
  let made = 0;
  let isOver = false;

  const note = ({ kind, bytes }: Fuzzed, index: number, status: string, what: string | null) => {
    add(tally.answers, status);
    add(tally.kinds, kind);
    if (what !== null) offences.push({ what, index, bytes });
    if (made >= requests / 5) memory.warmedUp();
  };
  const take = () => {
    if (made >= requests || program.process.exitCode !== null) return null;
    const index = first + made;
    made += 1;
    const random = createRandom(seedOf(seed, index));
    return { index, fuzzed: random.chance(0.2) ? makeGarbage(random, known) : makeRequest(random, known) };
  };

  const sendAlone = async (fuzzed: Fuzzed, index: number) => {
    const connection = await openConnection(port);
    const atMostMs = fuzzed.isHttp ? answerAtMostMs : garbageAtMostMs;
    const [answer] = await connection.ask(fuzzed.bytes, [fuzzed.method], atMostMs);
    if (answer !== undefined) note(fuzzed, index, String(answer.status), offenceOfAnswer(answer));
    else if (connection.isOpen()) note(fuzzed, index, "none", fuzzed.isHttp ? "no answer" : null);
    else note(fuzzed, index, "cut", null);
    connection.close();
  };

  const sendTogether = async (
    connection: Connection,
    batch: readonly { fuzzed: Fuzzed; index: number }[],
  ) => {
    const bytes = Buffer.concat(batch.map(({ fuzzed }) => fuzzed.bytes));
    const methods = batch.map(({ fuzzed }) => fuzzed.method);
    const answers = await connection.ask(bytes, methods, answerAtMostMs);
    // What was refused with an end of the connection has taken those behind it along.
    const isCut = !connection.isOpen();
    for (const [place, { fuzzed, index }] of batch.entries()) {
      const answer = answers[place];
      if (answer !== undefined) note(fuzzed, index, String(answer.status), offenceOfAnswer(answer));
      else note(fuzzed, index, isCut ? "cut" : "none", isCut ? null : "no answer");
    }
    if (answers.length < batch.length) connection.close();
  };

  const work = async () => {
    let connection = await openConnection(port);
    for (let taken = take(); taken !== null; ) {
      const batch = [];
      for (; taken?.fuzzed.isWhole && batch.length < pipelinedAtMost; taken = take()) batch.push(taken);
      if (!connection.isOpen()) connection = await openConnection(port);
      if (batch.length > 0) await sendTogether(connection, batch);
      if (taken !== null && !taken.fuzzed.isWhole) {
        await sendAlone(taken.fuzzed, taken.index);
        taken = take();
      }
    }
    connection.close();
  };
  const probe = async () => {
    while (!isOver) {
      const status = await askHealth(program);
      if (status !== 200 && !isOver) {
        offences.push({ what: `/healthz: ${status}`, index: null, bytes: Buffer.alloc(0) });
        if (program.process.exitCode !== null) return;
      }
      await sleep(250);
    }
  };

  const probing = probe();
  await Promise.all(Array.from({ length: connections }, work));
  // What is under way comes to its end.
  await sleep(500);
  isOver = true;
  await probing;
  const code = program.process.exitCode;
  if (code !== null)
    offences.push({ what: `the program ended with ${code}`, index: null, bytes: Buffer.alloc(0) });
  const lines = program.stderr().split("\n").slice(0, -1);
  for (const line of lines) {
    const what = offenceOfLine(line);
    if (what !== null)
      offences.push({ what: `${what}: ${line.slice(0, 300)}`, index: null, bytes: Buffer.alloc(0) });
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  return { ...tally, offences, seconds, logLines: lines.length, grownBytes: memory.grown() };
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
