// Why a command has not begun, and whether it may begin when it is asked for again.
import { stat } from "node:fs/promises";
import type { TriggerFailure } from "../../../shared/core/event.ts";
import type { Command } from "../../../shared/triggers/trigger.ts";
import { codeOf } from "./kept-files.ts";
import { noPipe } from "./start-supervisor.ts";

/** Too much of something, or too little, as it is now. */
const passing = new Set([
  ...["EAGAIN", "ENOMEM", "EMFILE", "ENFILE", "ENOSPC", "EDQUOT", "EIO", "EBUSY", "ETXTBSY", "EINTR"],
  noPipe,
]);

export function whyNotStarted(code: string, { run, directory }: Command): TriggerFailure {
  const program = typeof run === "string" ? "/bin/sh" : (run[0] ?? "");
  if (code === "ENOENT" || code === "ENOTDIR") {
    const where = program.includes("/")
      ? ` in ${directory ?? "the folder that tagrelay was started in"}`
      : " in PATH";
    return rejected(`expected a program ${program}${program.startsWith("/") ? "" : where}, found none`);
  }
  if (code === "EACCES" || code === "EPERM" || code === "ENOEXEC") {
    return rejected(`expected a program that may be run, found ${program}, which may not (${code})`);
  }
  return passing.has(code) ? refused(code) : rejected(`the command cannot be run: ${code}`);
}

export function refused(reason: string): TriggerFailure {
  return { kind: "refused", reason: `the command could not be started: ${reason}`, retryAfterMs: null };
}

/** The folder as it is configured is named, not where it is on this machine: pages show the reason. */
export async function wrongDirectory(
  configured: string | null,
  path: string,
): Promise<TriggerFailure | null> {
  const found = await stat(path).then(
    (it) => (it.isDirectory() ? null : "something else"),
    (error: unknown) => (codeOf(error) === "ENOENT" ? "nothing" : codeOf(error)),
  );
  if (found === null) return null;
  const name = configured ?? ".";
  const where = name.startsWith("/") ? "" : " (from where tagrelay was started)";
  return rejected(`expected a folder at ${name}${where}, found ${found}`);
}

export function rejected(reason: string): TriggerFailure {
  return { kind: "rejected", reason };
}
