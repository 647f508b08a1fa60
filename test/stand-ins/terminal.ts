// Runs a program in a real pseudo-terminal and emulates its screen.
import { setTimeout as sleep } from "node:timers/promises";
import { type IPty, spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { until } from "./program.ts";

export type Terminal = {
  /** The lines of the screen, including those that have scrolled away. */
  lines: () => string[];
  /** The complete output, with control sequences. */
  raw: () => string;
  press: (keys: string) => void;
  resize: (columns: number) => void;
  /** Waits until the pattern is on the screen. */
  shows: (pattern: RegExp, timeoutMs?: number) => Promise<void>;
  ended: Promise<number>;
  close: () => void;
};

export const ctrlC = "\u0003";

export function openTerminal(
  file: string,
  args: readonly string[],
  { env, cwd, columns = 100 }: { env: Record<string, string>; cwd: string; columns?: number },
): Terminal {
  const screen = new headless.Terminal({ cols: columns, rows: 30, allowProposedApi: true, scrollback: 500 });
  const process: IPty = spawn(file, [...args], { name: "xterm-256color", cols: columns, rows: 30, cwd, env });
  let raw = "";
  process.onData((text) => {
    raw += text;
    screen.write(text);
  });
  const lines = () => {
    const { active } = screen.buffer;
    const all = Array.from(
      { length: active.length },
      (_, index) => active.getLine(index)?.translateToString(true) ?? "",
    );
    return all.join("\n").trimEnd().split("\n");
  };
  // The last output can arrive after the exit, and the screen draws asynchronously.
  const ended = new Promise<number>((resolve) => {
    process.onExit(async ({ exitCode }) => {
      await sleep(100);
      screen.write("", () => resolve(exitCode));
    });
  });
  return {
    lines,
    raw: () => raw,
    press: (keys) => process.write(keys),
    resize: (width) => {
      process.resize(width, 30);
      screen.resize(width, 30);
    },
    shows: async (pattern, timeoutMs) => {
      const isShown = () => pattern.test(lines().join("\n"));
      await until(isShown, `the terminal shows ${pattern}`, timeoutMs).catch((error: Error) => {
        throw new Error(`${error.message}, found:\n${lines().join("\n")}`);
      });
    },
    ended,
    close: () => {
      process.kill("SIGKILL");
      screen.dispose();
    },
  };
}
