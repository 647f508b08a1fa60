// Finds processes of earlier on this machine, on Linux and macOS, and ends groups of them. A number alone tells
// nothing: it may have been given to another process since.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "./kept-files.ts";

const isLinux = process.platform === "linux";
const run = promisify(execFile);

/** In a command's environment, with the path of its record: it tells whose process it is. */
export const markName = "TAGRELAY_COMMAND";

export function markOf(recordPath: string): Record<string, string> {
  return { [markName]: recordPath };
}

/** Whether a process is the supervisor of the command with this record. */
export async function isSupervisorOf(pid: number, recordPath: string): Promise<boolean> {
  if (pid < 1 || !canBeSignalled(pid)) return false;
  if (isLinux) {
    const args = await readOfProcess(pid, "cmdline");
    return args.split("\0").includes(recordPath);
  }
  return (await ps(["-o", "args=", "-p", String(pid)])).trimEnd().endsWith(recordPath);
}

/** Ends what is left of a command's group, if it is still the command's. */
export async function endLeftovers(group: number, recordPath: string, graceMs: number): Promise<void> {
  if (canBeSignalled(-group) && (await isGroupOf(group, recordPath))) await endGroup(group, graceMs);
}

const settlesMs = 2_000;

/** Asks a group to end, and ends it where it does not. */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  signal(-group, "SIGTERM");
  if (await isGone(group, graceMs)) return;
  signal(-group, "SIGKILL");
  await isGone(group, settlesMs);
}

async function isGone(group: number, atMostMs: number): Promise<boolean> {
  const end = performance.now() + atMostMs;
  while (canBeSignalled(-group)) {
    // Ended processes that nobody asks for stay in the list, as in a container whose first process asks for none.
    if (isLinux && !(await membersOf(group)).some(({ isEnded }) => !isEnded)) return true;
    if (performance.now() >= end) return false;
    await sleep(Math.min(50, atMostMs));
  }
  return true;
}

/** A process that is gone needs no signal. */
export function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {}
}

function canBeSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isGroupOf(group: number, recordPath: string): Promise<boolean> {
  const mark = `${markName}=${recordPath}`;
  if (!isLinux) {
    const lines = (await ps(["-A", "-E", "-o", "pgid=,command="])).split("\n");
    return lines.some((line) => line.trimStart().startsWith(`${group} `) && `${line} `.includes(` ${mark} `));
  }
  for (const { pid } of await membersOf(group)) {
    if ((await readOfProcess(pid, "environ")).split("\0").includes(mark)) return true;
  }
  return false;
}

async function membersOf(group: number): Promise<{ pid: string; isEnded: boolean }[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => ({ pid, stat: await readOfProcess(pid, "stat") })));
  return found.flatMap(({ pid, stat }) => {
    // Behind the name, which may itself have spaces and brackets.
    const [state = "", , of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(of) === group ? [{ pid, isEnded: state === "Z" || state === "X" }] : [];
  });
}

/** Nothing where it has gone, or is another user's; any other failure tells nothing of the process. */
async function readOfProcess(pid: number | string, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, "utf8").catch((error: unknown) => {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(codeOf(error))) return "";
    throw error;
  });
}

async function ps(args: string[]): Promise<string> {
  try {
    return (await run("ps", ["-ww", ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    // It ends with 1 where there is no such process.
    if (codeOf(error) === "1") return "";
    throw error;
  }
}
