// Begins a command for a build, once, in place of any that an earlier attempt has left running.
import { resolve } from "node:path";
import type { Build, Command, TriggerOutcome } from "../../../shared/triggers/trigger.ts";
import {
  attemptsOf,
  type Base,
  baseOf,
  type CommandRecord,
  codeOf,
  readRecord,
  readSeenTo,
  recordPath,
  removeFiles,
  writeRecord,
} from "./kept-files.ts";
import type { Settle } from "./settle.ts";
import { type Order, startSupervisor } from "./start-supervisor.ts";
import { stopCommand } from "./stop-command.ts";
import { refused, whyNotStarted, wrongDirectory } from "./why-not-started.ts";

export type Beginner = {
  data: string;
  environment: Readonly<Record<string, string | undefined>>;
  settle: Settle;
  follow: (base: Base, record: CommandRecord, supervised: Promise<void> | null) => void;
  keptBytes: number;
  stopGraceMs: number;
  startMs: number;
};

export async function beginCommand(
  base: Base,
  command: Command,
  build: Build,
  beginner: Beginner,
): Promise<TriggerOutcome> {
  // Until its process is started nothing has begun.
  const prepared = await prepare(base, command, build, beginner).catch((error: unknown) =>
    refused(codeOf(error)),
  );
  return "kind" in prepared ? prepared : startRecorded(base, prepared, command, beginner);
}

async function prepare(
  base: Base,
  command: Command,
  build: Build,
  beginner: Beginner,
): Promise<CommandRecord | TriggerOutcome> {
  const known = await readRecord(base);
  if (known !== null) {
    beginner.follow(base, known, null);
    const pid = (await readSeenTo(base))?.supervisor ?? 0;
    return acceptedAs(pid === 0 ? null : pid);
  }
  await stopEarlier(build, beginner);
  const directory = resolve(command.directory ?? ".");
  const wrong = await wrongDirectory(command.directory, directory);
  if (wrong !== null) return wrong;
  const record = recordOf(command, build, directory, beginner);
  await writeRecord(base, record);
  return record;
}

async function startRecorded(
  base: Base,
  record: CommandRecord,
  command: Command,
  { environment, follow, startMs }: Beginner,
): Promise<TriggerOutcome> {
  const order: Order = {
    environment: { ...defined(environment), ...command.environment },
    secrets: [...command.secrets],
  };
  const { pid, answer, ended } = await startSupervisor(recordPath(base), order, startMs);
  // One that has ended before it took the command for itself has not begun it.
  const isUnbegun = answer.kind === "ended" && (await readSeenTo(base)) === null;
  if (answer.kind === "failed" || isUnbegun) {
    await removeFiles(base);
    return answer.kind === "failed"
      ? whyNotStarted(answer.code, command)
      : refused("the process that sees to it ended");
  }
  follow(base, record, ended);
  if (answer.kind === "silent") {
    return { kind: "unknown", reason: `the command was not seen to begin within ${startMs} ms` };
  }
  return acceptedAs(pid);
}

async function stopEarlier(build: Build, { data, settle }: Beginner): Promise<void> {
  for (const attempt of await attemptsOf(data, build)) {
    if (attempt >= build.attempt) continue;
    const base = baseOf(data, { ...build, attempt });
    const record = await readRecord(base);
    if (record !== null) await stopCommand(base, record, settle);
  }
}

function recordOf(
  { run }: Command,
  { pipeline, runId, step, attempt, timeoutMs }: Build,
  directory: string,
  { stopGraceMs, keptBytes }: Beginner,
): CommandRecord {
  return {
    ...{ pipeline, runId, step, attempt },
    run: typeof run === "string" ? run : [...run],
    ...{ directory, timeoutMs, stopGraceMs, keptBytes },
    writtenAt: Date.now(),
  };
}

function acceptedAs(pid: number | null): TriggerOutcome {
  return { kind: "accepted", ticket: pid === null ? null : { id: String(pid), url: null } };
}

function defined(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
