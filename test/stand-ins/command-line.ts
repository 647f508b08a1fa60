// The command line as people call it: a process of its own, with nothing of this machine's environment but the path.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./program.ts";

export const tagrelayFile = join(root, "functions/cli/tagrelay.js");

export type Called = { code: number | null; stdout: string; stderr: string };
type Options = { env?: Record<string, string>; cwd?: string; input?: string };

export function tagrelay(args: readonly string[], options: Options = {}): Promise<Called> {
  return callTagrelay(args, options).ended;
}

/** A call that is still under way. */
export function callTagrelay(args: readonly string[], { env = {}, cwd = root, input = "" }: Options = {}) {
  const child = spawn(process.execPath, [tagrelayFile, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: "pipe",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // It may have ended without having read any of it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Called>((resolve) =>
    child.once("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { ended, stdout: () => stdout, interrupt: () => child.kill("SIGINT") };
}
