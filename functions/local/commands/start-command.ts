// Starts the command of a build once, after it has stopped earlier attempts that still run.
import { resolve } from "node:path";
import type { BuildRequest, Command, TriggerOutcome } from "../../../shared/kinds/builder.ts";
import {
  attemptsOf,
  type Base,
  baseOf,
  type CommandRecord,
  codeOf,
  readOwner,
  readRecord,
  recordPath,
  removeFiles,
  writeRecord,
} from "./command-files.ts";
import type { FindOutcome } from "./find-outcome.ts";
import { checkDirectory, refused, startFailure } from "./start-failure.ts";
import { type SupervisorInput, startSupervisor } from "./start-supervisor.ts";
import { stopCommand } from "./stop-command.ts";

export type StartContext = {
  data: string;
  environment: Readonly<Record<string, string | undefined>>;
  findOutcome: FindOutcome;
  follow: (base: Base, record: CommandRecord, supervised: Promise<void> | null) => void;
  outputPieceBytes: number;
  stopGraceMs: number;
  maxStartMs: number;
};

/** `builder` is the address of the host that it builds on; null if none was chosen. */
export async function startCommand(
  base: Base,
  command: Command,
  build: BuildRequest,
  context: StartContext,
  builder: string | null,
): Promise<TriggerOutcome> {
  // Before there is a process, an error means that nothing was started.
  const prepared = await prepare(base, command, build, context, builder).catch((error: unknown) =>
    refused(codeOf(error)),
  );
  if ("kind" in prepared) return prepared;
  return startRecorded(base, prepared, command, context).catch((error: unknown): TriggerOutcome => {
    // It may have started before the error. If it has not, its follower finds that out, and reports an end.
    context.follow(base, prepared, null);
    return { kind: "unknown", reason: `the command: ${codeOf(error)}` };
  });
}

async function prepare(
  base: Base,
  command: Command,
  build: BuildRequest,
  context: StartContext,
  builder: string | null,
): Promise<CommandRecord | TriggerOutcome> {
  const known = await readRecord(base);
  if (known !== null) {
    context.follow(base, known, null);
    // It was started before, whether or not its process can be named.
    const pid = (await readOwner(base).catch(() => null))?.supervisor ?? 0;
    return accepted(pid === 0 ? null : pid, known.builder);
  }
  await stopEarlierAttempts(build, context);
  const directory = resolve(command.directory ?? ".");
  const failure = await checkDirectory(command.directory, directory);
  if (failure !== null) return failure;
  const record = { ...recordOf(command, build, directory, context), builder };
  await writeRecord(base, record);
  return record;
}

async function startRecorded(
  base: Base,
  record: CommandRecord,
  command: Command,
  { environment, follow, maxStartMs }: StartContext,
): Promise<TriggerOutcome> {
  const input: SupervisorInput = {
    environment: { ...defined(environment), ...command.environment },
    secrets: [...command.secrets],
  };
  const { pid, answer, ended } = await startSupervisor(recordPath(base), input, maxStartMs);
  // A supervisor that ended before it claimed the command has not started it.
  const isUnclaimed = answer.kind === "ended" && (await readOwner(base)) === null;
  if (answer.kind === "failed" || isUnclaimed) {
    await removeFiles(base);
    return answer.kind === "failed"
      ? startFailure(answer.code, command)
      : refused("its supervising process ended");
  }
  follow(base, record, ended);
  if (answer.kind === "silent") {
    return { kind: "unknown", reason: `the command did not report its start within ${maxStartMs} ms` };
  }
  return accepted(pid, record.builder);
}

async function stopEarlierAttempts(build: BuildRequest, { data, findOutcome }: StartContext): Promise<void> {
  for (const attempt of await attemptsOf(data, build)) {
    if (attempt >= build.attempt) continue;
    const base = baseOf(data, { ...build, attempt });
    const record = await readRecord(base);
    if (record !== null) await stopCommand(base, record, findOutcome);
  }
}

function recordOf(
  { run }: Command,
  { pipeline, runId, step, attempt, timeoutMs }: BuildRequest,
  directory: string,
  { stopGraceMs, outputPieceBytes }: StartContext,
): Omit<CommandRecord, "builder"> {
  return {
    pipeline,
    runId,
    step,
    attempt,
    run: typeof run === "string" ? run : [...run],
    directory,
    timeoutMs,
    stopGraceMs,
    outputPieceBytes,
    writtenAt: Date.now(),
  };
}

function accepted(pid: number | null, builder: string | null): TriggerOutcome {
  if (pid === null) return { kind: "accepted", build: null };
  const on = builder === null ? {} : { builder };
  return { kind: "accepted", build: { id: String(pid), url: null, ...on } };
}

function defined(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
