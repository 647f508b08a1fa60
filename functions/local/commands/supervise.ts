// A process of its own beside each command: it outlives the program, keeps the command's output, ends it when its time
// is up or it is asked to (SIGTERM), and writes down how it ended. Its argument is the path of the command's record;
// the environment comes by the channel from the program, for secrets are to be in no file and no list of processes.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import {
  type Base,
  type CommandRecord,
  claim,
  codeOf,
  type How,
  readRecord,
  recordPath,
  writeOutcome,
  writeSeenTo,
} from "./kept-files.ts";
import { createKeptOutput } from "./kept-output.ts";
import { createMask } from "./mask-secrets.ts";
import { endGroup, markOf } from "./processes.ts";
import { noPipe, type Order, orderSchema, type StartAnswer } from "./start-supervisor.ts";

/** What a timer can bear. */
const longestTimerMs = 2 ** 31 - 1;
/** What the command has written is here soon after its end; what it left in the background may go on for ever. */
const drainMs = 1_000;

async function supervise(base: Base): Promise<void> {
  const stopping = Promise.withResolvers<"stopped">();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stopping.resolve("stopped"));
  process.on("SIGHUP", () => undefined);
  const order = await receiveOrder();
  const record = order === null ? null : await readRecord(base);
  if (order === null || record === null) return;
  if (!(await claim(base, { supervisor: process.pid, group: null }))) return;

  const started = await start(base, record, order).catch((error: unknown) => codeOf(error));
  if (typeof started === "string") return tell({ kind: "failed", code: started });
  const { group, ended, drained } = started;
  // Without it, what a kill of this process leaves of the group is not found. The command has begun in any case.
  await writeSeenTo(base, { supervisor: process.pid, group }).catch(() => undefined);
  await tell({ kind: "started" });

  const timeUp = new AbortController();
  const cut = await Promise.race([
    ended.then(() => null),
    stopping.promise,
    sleep(Math.min(record.timeoutMs, longestTimerMs), "timedOut" as const, { signal: timeUp.signal }),
  ]);
  if (cut !== null) await endGroup(group, record.stopGraceMs);
  const how = await ended;
  timeUp.abort();
  await Promise.race([drained, sleep(drainMs)]);
  await writeDown(base, cut === null ? how : { kind: cut });
}

type Running = { group: number; ended: Promise<How>; drained: Promise<void> };

async function start(base: Base, record: CommandRecord, { environment, secrets }: Order): Promise<Running> {
  const { readFrom, writeTo } = openPipe();
  const mask = createMask(secrets);
  const kept = createKeptOutput(base, record.keptBytes);
  const output = new Socket({ fd: readFrom, readable: true, writable: false });
  output.on("data", (chunk) => kept.write(mask.take(chunk)));
  output.on("error", () => undefined);
  const drained = new Promise<void>((resolve) => output.once("close", () => resolve()));
  const [program = "", ...args] = typeof record.run === "string" ? shell(record.run) : record.run;
  try {
    const command = spawn(program, args, {
      cwd: record.directory,
      env: { ...environment, ...markOf(recordPath(base)) },
      // Its own group, to be ended as a whole.
      detached: true,
      stdio: ["ignore", writeTo, writeTo],
    });
    const ended = endOf(command);
    const group = await pidOf(command);
    return {
      group,
      ended,
      drained: drained.then(() => {
        kept.write(mask.end());
      }),
    };
  } finally {
    closeSync(writeTo);
  }
}

/** Of several lines the first that fails is the last: a push does not follow a build that failed. */
function shell(line: string): string[] {
  return ["/bin/sh", ...(line.trim().includes("\n") ? ["-e"] : []), "-c", line];
}

/** One for both outputs, which keeps their order; Node's own are sockets, and `> /dev/stderr` does not open those. */
function openPipe(): { readFrom: number; writeTo: number } {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-"));
  try {
    const path = join(folder, "output");
    execFileSync("mkfifo", ["-m", "600", path], { stdio: "ignore" });
    const readFrom = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readFrom, writeTo: openSync(path, constants.O_WRONLY) };
  } catch (cause) {
    throw Object.assign(new Error("expected a pipe for the output", { cause }), { code: noPipe });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pidOf(command: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    command.once("error", reject);
    command.once("spawn", () => resolve(command.pid ?? 0));
  });
}

function endOf(command: ChildProcess): Promise<How> {
  return new Promise((resolve) => {
    command.once("exit", (code, signal) =>
      resolve(code === null ? { kind: "signalled", signal: signal ?? "a signal" } : { kind: "exited", code }),
    );
  });
}

/** Again and again where the disk is full: the program waits for it. */
async function writeDown(base: Base, how: How): Promise<void> {
  const endedAt = Date.now();
  for (;;) {
    try {
      return await writeOutcome(base, { how, endedAt, toldAt: null });
    } catch (error) {
      // With its folder, whoever wanted to know has gone.
      if (codeOf(error) === "ENOENT") return;
      await sleep(drainMs);
    }
  }
}

/** Null where the program has gone before it could give one: nothing has begun then. */
function receiveOrder(): Promise<Order | null> {
  return new Promise((resolve) => {
    process.once("message", (message) => resolve(orderSchema.safeParse(message).data ?? null));
    process.once("disconnect", () => resolve(null));
  });
}

function tell(answer: StartAnswer): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    // Whoever is told may go at any moment.
    process.send?.(answer, undefined, undefined, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

await supervise(z.string().endsWith(".json").parse(process.argv[2]).slice(0, -".json".length));
process.exit(0);
