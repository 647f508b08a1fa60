// The process that supervises a command and outlives the program: it keeps the command's output, stops the command on
// SIGTERM or after its time-out, and writes down how it ended. Its argument is the path of the command's record. The
// environment arrives over IPC, because secrets must not be in files or in the list of processes.
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
  type Ending,
  readRecord,
  recordPath,
  writeOutcome,
  writeOwner,
} from "./command-files.ts";
import { createMask } from "./mask-secrets.ts";
import { createOutputLog } from "./output-log.ts";
import { markOf, stopGroup } from "./processes.ts";
import { noPipe, type StartAnswer, type SupervisorInput, supervisorInputSchema } from "./start-supervisor.ts";

/** The longest delay of a Node timer. */
const maxTimerMs = 2 ** 31 - 1;
/** How long to read output after the command ends: background processes may keep the pipe open for ever. */
const drainMs = 1_000;

async function supervise(base: Base): Promise<void> {
  const stopping = Promise.withResolvers<"stopped">();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stopping.resolve("stopped"));
  process.on("SIGHUP", () => undefined);
  const input = await receiveInput();
  const record = input === null ? null : await readRecord(base);
  if (input === null || record === null) return;
  if (!(await claim(base, { supervisor: process.pid, group: null }))) return;

  const started = await start(base, record, input).catch((error: unknown) => codeOf(error));
  if (typeof started === "string") return answer({ kind: "failed", code: started });
  const { group, ended, drained } = started;
  // Lets others find the group if this process is killed. The command has started even if this fails.
  await writeOwner(base, { supervisor: process.pid, group }).catch(() => undefined);
  await answer({ kind: "started" });

  const timeUp = new AbortController();
  const stopped = await Promise.race([
    ended.then(() => null),
    stopping.promise,
    sleep(Math.min(record.timeoutMs, maxTimerMs), "timedOut" as const, { signal: timeUp.signal }),
  ]);
  if (stopped !== null) await stopGroup(group, record.stopGraceMs);
  const ending = await ended;
  timeUp.abort();
  await Promise.race([drained, sleep(drainMs)]);
  await persistOutcome(base, stopped === null ? ending : { kind: stopped });
}

type Running = { group: number; ended: Promise<Ending>; drained: Promise<void> };

async function start(
  base: Base,
  record: CommandRecord,
  { environment, secrets }: SupervisorInput,
): Promise<Running> {
  const { readFrom, writeTo } = openPipe();
  const mask = createMask(secrets);
  const log = createOutputLog(base, record.outputPieceBytes);
  const output = new Socket({ fd: readFrom, readable: true, writable: false });
  output.on("data", (chunk) => log.write(mask.push(chunk)));
  output.on("error", () => undefined);
  const drained = new Promise<void>((resolve) => output.once("close", () => resolve()));
  const [program = "", ...args] = typeof record.run === "string" ? shell(record.run) : record.run;
  try {
    const command = spawn(program, args, {
      cwd: record.directory,
      env: { ...environment, ...markOf(recordPath(base)) },
      // A process group of its own, which can be stopped as a whole.
      detached: true,
      stdio: ["ignore", writeTo, writeTo],
    });
    const ended = endOf(command);
    const group = await pidOf(command);
    return {
      group,
      ended,
      drained: drained.then(() => {
        log.write(mask.flush());
      }),
    };
  } finally {
    closeSync(writeTo);
  }
}

/** A script of several lines ends at the first that fails: no push after a failed build. */
function shell(line: string): string[] {
  return ["/bin/sh", ...(line.trim().includes("\n") ? ["-e"] : []), "-c", line];
}

/** One pipe for stdout and stderr keeps their order. Node's own pipes are sockets, which `> /dev/stderr` cannot open. */
function openPipe(): { readFrom: number; writeTo: number } {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-"));
  try {
    const path = join(folder, "output");
    execFileSync("mkfifo", ["-m", "600", path], { stdio: "ignore" });
    const readFrom = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readFrom, writeTo: openSync(path, constants.O_WRONLY) };
  } catch (cause) {
    throw Object.assign(new Error("the pipe for the output cannot be created", { cause }), { code: noPipe });
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

function endOf(command: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    command.once("exit", (code, signal) =>
      resolve(code === null ? { kind: "signalled", signal: signal ?? "a signal" } : { kind: "exited", code }),
    );
  });
}

/** Retries while the disk is full: the program waits for the outcome. */
async function persistOutcome(base: Base, ending: Ending): Promise<void> {
  const endedAt = Date.now();
  for (;;) {
    try {
      return await writeOutcome(base, { ending, endedAt, reportedAt: null });
    } catch (error) {
      // The data folder was deleted.
      if (codeOf(error) === "ENOENT") return;
      await sleep(drainMs);
    }
  }
}

/** Null if the program ended first; then nothing is started. */
function receiveInput(): Promise<SupervisorInput | null> {
  return new Promise((resolve) => {
    process.once("message", (message) => resolve(supervisorInputSchema.safeParse(message).data ?? null));
    process.once("disconnect", () => resolve(null));
  });
}

function answer(message: StartAnswer): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    // The program may end at any moment.
    process.send?.(message, undefined, undefined, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

await supervise(z.string().endsWith(".json").parse(process.argv[2]).slice(0, -".json".length));
process.exit(0);
