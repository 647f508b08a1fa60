// The machine that runs commands, in a folder of the test, with little patience, and what it has told.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandMachine,
  type CommandsOptions,
  createCommands,
} from "../../functions/local/commands/commands.ts";
import type { EndedCommand } from "../../functions/local/commands/follow-command.ts";
import type { Build, Command } from "../../shared/triggers/trigger.ts";
import { until } from "./program.ts";
import { build } from "./trigger-context.ts";

export const hastyWaits = {
  pollMs: 25,
  tellAgainMs: 25,
  tellAgainAtMostMs: 100,
  stopGraceMs: 500,
  startPatienceMs: 1_000,
};

export type MachineFixture = CommandMachine & {
  folder: string;
  told: EndedCommand[];
  logLines: string[];
  /** How a command ended, once that is told. */
  endOf: (key?: Partial<Build>) => Promise<EndedCommand["end"]>;
  /** Another one on the same data, as after a start. */
  again: (options?: Partial<CommandsOptions>) => MachineFixture;
  remove: () => void;
};

export function startCommandMachine(
  options: Partial<CommandsOptions> = {},
  folder = mkdtempSync(join(tmpdir(), "tagrelay-commands-")),
): MachineFixture {
  const told: EndedCommand[] = [];
  const logLines: string[] = [];
  const machine = createCommands({
    data: join(folder, "data"),
    environment: { PATH: process.env.PATH },
    report: async (ended) => void told.push(ended),
    log: (level, entry) => void logLines.push(JSON.stringify({ level, ...entry })),
    ...options,
    waits: { ...hastyWaits, ...options.waits },
  });
  return {
    ...machine,
    folder,
    told,
    logLines,
    endOf: async (key = {}) => {
      const { runId, step, attempt } = { ...build, ...key };
      const find = () =>
        told.find((one) => one.runId === runId && one.step === step && one.attempt === attempt)?.end;
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

/** All files below a folder, by their paths. */
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
  // Ended ones that nobody has asked for stay in the list.
  return !/^\d+ \(.*\) Z/s.test(tryRead(`/proc/${pid}/stat`));
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
