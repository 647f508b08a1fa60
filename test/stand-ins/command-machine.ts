// Runs commands in a folder of the test, with short waits, and records the reported ends.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandMachine,
  type CommandsOptions,
  createCommands,
} from "../../functions/local/commands/commands.ts";
import type { EndedCommand } from "../../functions/local/commands/follow-command.ts";
import type { BuildRequest, Command } from "../../shared/kinds/builder.ts";
import { compileCache, until } from "./program.ts";
import { build } from "./trigger-context.ts";

// The supervisors use the cache, too.
enableCompileCache(compileCache);

export const shortTimings = {
  pollMs: 25,
  reportRetryMs: 25,
  maxReportRetryMs: 100,
  stopGraceMs: 500,
  maxSupervisorStartMs: 1_000,
};

export type MachineFixture = CommandMachine & {
  folder: string;
  reported: EndedCommand[];
  logLines: string[];
  /** The end of a command, once it is reported. */
  endOf: (key?: Partial<BuildRequest>) => Promise<EndedCommand["end"]>;
  /** Another machine on the same data, as after a restart. */
  again: (options?: Partial<CommandsOptions>) => MachineFixture;
  remove: () => void;
};

export function startCommandMachine(
  options: Partial<CommandsOptions> = {},
  folder = mkdtempSync(join(tmpdir(), "tagrelay-commands-")),
): MachineFixture {
  const reported: EndedCommand[] = [];
  const logLines: string[] = [];
  const machine = createCommands({
    data: join(folder, "data"),
    environment: { PATH: process.env.PATH },
    report: async (ended) => void reported.push(ended),
    log: (level, entry) => void logLines.push(JSON.stringify({ level, ...entry })),
    ...options,
    timings: { ...shortTimings, ...options.timings },
  });
  return {
    ...machine,
    folder,
    reported,
    logLines,
    endOf: async (key = {}) => {
      const { runId, step, attempt } = { ...build, ...key };
      const find = () =>
        reported.find((ended) => ended.runId === runId && ended.step === step && ended.attempt === attempt)
          ?.end;
      await until(() => find() !== undefined, `attempt ${attempt} of ${step} has ended`);
      const end = find();
      if (end === undefined) throw new Error("expected an end");
      return end;
    },
    again: (others = {}) => startCommandMachine({ ...options, ...others }, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function commandOf(run: Command["run"], rest: Partial<Command> = {}): Command {
  return { run, directory: null, environment: {}, secrets: [], ...rest };
}

/** The paths of all files in a folder and below. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie does not count.
  return !/^\d+ \(.*\) Z/s.test(readIfThere(`/proc/${pid}/stat`));
}

/** Empty if there is no such file. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
