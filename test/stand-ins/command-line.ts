// Calls the command line in-process, which is fast, or as a process, which proves that the entry point works.
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { main } from "../../functions/cli/main.ts";
import { root } from "./program.ts";

export const tagrelayFile = join(root, "functions/cli/tagrelay.js");

export type Result = { code: number | null; stdout: string; stderr: string };
type Options = { env?: Record<string, string>; cwd?: string; input?: string | Uint8Array };

/** In-process. The AWS SDK still reads the environment of the tests: use `vi.stubEnv`. */
export function tagrelay(args: readonly string[], options: Options = {}): Promise<Result> {
  return startTagrelay(args, options).ended;
}

/** In-process, without waiting for the end. */
export function startTagrelay(
  args: readonly string[],
  { env = {}, cwd = root, input = "" }: Options = {},
): { ended: Promise<Result>; stdout: () => string } {
  const stdout = collect();
  const stderr = collect();
  const io = {
    stdin: Readable.from([Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    terminal: null,
    env,
    resolvePath: (path: string) => (cwd === root ? path : resolve(cwd, path)),
  };
  const ended = main(args, io).then((code) => ({ code, stdout: stdout.text(), stderr: stderr.text() }));
  return { ended, stdout: stdout.text };
}

function collect(): { stream: Writable; text: () => string } {
  let text = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  // Node styles text if the tests themselves run in a terminal.
  return { stream, text: () => stripVTControlCharacters(text) };
}

/** A process of its own. Of the environment of the tests it has only the path. */
export function spawnTagrelay(
  args: readonly string[],
  { env = {}, cwd = root, input = "" }: Options = {},
): { ended: Promise<Result>; stdout: () => string; interrupt: () => void } {
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
  // The process may end before it has read its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Result>((resolveEnded) =>
    child.once("close", (code) => resolveEnded({ code, stdout, stderr })),
  );
  return { ended, stdout: () => stdout, interrupt: () => child.kill("SIGINT") };
}
