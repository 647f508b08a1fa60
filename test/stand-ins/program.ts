// The local program as its users run it: a process of its own with real sockets and its state on disk.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { readJson } from "./json.ts";

export const root = new URL("../..", import.meta.url).pathname;
export const webhookSecret = "webhook-secret-0123456789";
export const apiToken = "api-token-0123456789";

/** Compiled code is shared by all tests: without it, each process would compile the program again. */
export const compileCache = join(root, "node_modules/.cache/tagrelay");

type Answer = { status: number; body: ReturnType<typeof JSON.parse> };

/** Calls the API and the Docker Hub webhook of a program. */
export type Client = {
  origin: string;
  api: (method: "GET" | "POST", path: string, body?: unknown) => Promise<Answer>;
  hook: (body: string, headers?: Record<string, string>, secret?: string) => Promise<Answer>;
};

export type Program = Client &
  Omit<Started, "ended"> & {
    kill: (signal: "SIGKILL" | "SIGTERM" | "SIGINT") => Promise<number | null>;
  };

export type Folder = {
  path: string;
  data: string;
  config: (pipelines: Record<string, unknown>, others?: Record<string, unknown>) => string;
  remove: () => void;
};

export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "tagrelay-"));
  return {
    path,
    data: join(path, "data"),
    config: (pipelines, others = {}) => {
      const file = join(path, "tagrelay.yaml");
      writeFileSync(file, stringify({ pipelines, ...others }));
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export type Started = {
  process: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  ended: Promise<number | null>;
};

/** Starts the program without waiting for anything. */
export function spawnProgram(args: readonly string[], env: Record<string, string> = {}, cwd = root): Started {
  const child = spawn(process.execPath, [join(root, "functions/local/npm-start.js"), ...args], {
    cwd,
    env: {
      PATH: process.env.PATH,
      TAGRELAY_WEBHOOK_SECRET: webhookSecret,
      TAGRELAY_API_TOKEN: apiToken,
      NODE_COMPILE_CACHE: compileCache,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Starts the program and waits until it listens. */
export async function startProgram(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = root,
): Promise<Program> {
  const started = spawnProgram(["--port", "0", ...args], env, cwd);
  const listening = /^tagrelay listening on (http:\/\/\S+)$/m;
  const isUp = () => listening.test(started.stdout()) || started.process.exitCode !== null;
  await until(isUp, "the program listens", 30_000);
  const origin = listening.exec(started.stdout())?.[1];
  if (origin === undefined) throw new Error(`the program did not start: ${started.stderr()}`);
  return {
    ...started,
    ...connect(origin),
    kill: (signal) => {
      started.process.kill(signal);
      return started.ended;
    },
  };
}

export function connect(origin: string): Client {
  return {
    origin,
    api: async (method, path, body) => {
      const response = await fetch(`${origin}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${apiToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await readJson(response) };
    },
    hook: async (body, headers = { "content-type": "application/json" }, secret = webhookSecret) => {
      const response = await fetch(`${origin}/hooks/dockerhub/${secret}`, { method: "POST", headers, body });
      return { status: response.status, body: await readJson(response) };
    },
  };
}

/** Waits until a condition holds; fails with its description after some time. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  description: string,
  maxMs = 15_000,
): Promise<void> {
  const start = Date.now();
  while (!(await holds())) {
    const waitedMs = Date.now() - start;
    if (waitedMs > maxMs) throw new Error(`expected within ${maxMs} ms that ${description}`);
    // A long wait asks less often: asking takes time from the other tests.
    await sleep(Math.min(250, 20 + waitedMs / 20));
  }
}

/** Resident memory of a process in bytes. */
export function residentBytes({ pid }: Pick<ChildProcess, "pid">): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim();
  if (!kilobytes) throw new Error("expected the size of the process");
  return Number(kilobytes) * 1024;
}
