// Identifies processes that an earlier program started, and stops process groups, on Linux and macOS. A process id alone
// is not enough: the system may have given it to another process.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "./command-files.ts";

const isLinux = process.platform === "linux";
const run = promisify(execFile);

/** A variable in every command's environment: the path of its record, which identifies its processes. */
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

/** Stops what is left of a command's process group, if the group is still the command's. */
export async function stopLeftovers(group: number, recordPath: string, graceMs: number): Promise<void> {
  if (canBeSignalled(-group) && (await isGroupOf(group, recordPath))) await stopGroup(group, graceMs);
}

const killMs = 2_000;

/** SIGTERM, then SIGKILL after the grace period. */
export async function stopGroup(group: number, graceMs: number): Promise<void> {
  signal(-group, "SIGTERM");
  if (await isGone(group, graceMs)) return;
  signal(-group, "SIGKILL");
  await isGone(group, killMs);
}

async function isGone(group: number, maxMs: number): Promise<boolean> {
  const end = performance.now() + maxMs;
  while (canBeSignalled(-group)) {
    // Zombies stay in the list if nothing waits for them, as in a container whose first process does not.
    if (isLinux && !(await membersOf(group)).some(({ isEnded }) => !isEnded)) return true;
    if (performance.now() >= end) return false;
    await sleep(Math.min(50, maxMs));
  }
  return true;
}

/** Does nothing if the process is gone. */
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
    // The fields follow the program's name, which may contain spaces and brackets.
    const [state = "", , groupOfProcess] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(groupOfProcess) === group ? [{ pid, isEnded: state === "Z" || state === "X" }] : [];
  });
}

/** Empty if the process is gone or belongs to another user. Other errors say nothing about the process. */
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
    // Exit code 1 means that there is no such process.
    if (codeOf(error) === "1") return "";
    throw error;
  }
}
