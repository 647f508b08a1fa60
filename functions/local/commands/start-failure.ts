// Why a command could not be started, and whether a retry may help.
import { stat } from "node:fs/promises";
import type { Command, TriggerFailure } from "../../../shared/kinds/builder.ts";
import { codeOf } from "./command-files.ts";
import { noPipe } from "./start-supervisor.ts";

/** The machine lacks something that it may have again soon. */
const temporary = new Set([
  ...["EAGAIN", "ENOMEM", "EMFILE", "ENFILE", "ENOSPC", "EDQUOT", "EIO", "EBUSY", "ETXTBSY", "EINTR"],
  noPipe,
]);

export function startFailure(code: string, { run, directory }: Command): TriggerFailure {
  const program = typeof run === "string" ? "/bin/sh" : (run[0] ?? "");
  if (code === "ENOENT" || code === "ENOTDIR") {
    const where = program.includes("/")
      ? ` in ${directory ?? "the folder that tagrelay was started in"}`
      : " in PATH";
    return rejected(`expected a program ${program}${program.startsWith("/") ? "" : where}, found none`);
  }
  if (code === "EACCES" || code === "EPERM" || code === "ENOEXEC") {
    return rejected(`expected ${program} to be an executable program, found that it is not (${code})`);
  }
  return temporary.has(code) ? refused(code) : rejected(`the command cannot be run: ${code}`);
}

export function refused(reason: string): TriggerFailure {
  return { kind: "refused", reason: `the command could not be started: ${reason}`, retryAfterMs: null };
}

/** Pages show the reason, so it names the folder as it is configured, not its path on this machine. */
export async function checkDirectory(
  configured: string | null,
  path: string,
): Promise<TriggerFailure | null> {
  const found = await stat(path).then(
    (stats) => (stats.isDirectory() ? null : "something else"),
    (error: unknown) => (codeOf(error) === "ENOENT" ? "nothing" : codeOf(error)),
  );
  if (found === null) return null;
  const name = configured ?? ".";
  const where = name.startsWith("/") ? "" : " (relative to the folder that tagrelay was started in)";
  return rejected(`expected a folder at ${name}${where}, found ${found}`);
}

export function rejected(reason: string): TriggerFailure {
  return { kind: "rejected", reason };
}
