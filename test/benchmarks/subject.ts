// Starts the programs that are measured, each with its own folder: Tagrelay and those it is compared with.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Dispatcher } from "undici";
import { apiToken, makeFolder, root, startProgram, until, webhookSecret } from "../stand-ins/program.ts";

export type Subject = {
  name: string;
  isTagrelay: boolean;
  origin: string;
  pid: number;
  stop: () => Promise<void>;
};

export type Confirm = "webhook" | "auto";

/** Tagrelay, with `chains` pipelines of five steps. */
export async function startTagrelay(
  hub: string,
  chains: number,
  confirm: Confirm,
  { data, endpoint }: { data?: string; endpoint?: string } = {},
): Promise<Subject> {
  const folder = makeFolder();
  const pipelines = Array.from({ length: chains }, (_, index) => [chainName(index), chain(index, confirm)]);
  const config = folder.config(Object.fromEntries(pipelines));
  const separate = endpoint === undefined ? [] : ["--dynamodb-endpoint", endpoint];
  const program = await startProgram([
    ...["--data", data ?? folder.data, "--config", config, "--hub-url", hub],
    ...separate,
  ]);
  const stop = async () => {
    await program.kill("SIGTERM");
    folder.remove();
  };
  return { name: "tagrelay", isTagrelay: true, origin: program.origin, pid: program.process.pid ?? 0, stop };
}

export const steps = ["v1", "v2", "v3", "v4", "v5"] as const;
export const chainName = (index: number) => `chain-${index}`;
export const repository = (index: number) => `acme/chain-${index}`;
export const chain = (index: number, confirm: Confirm) => ({
  image: repository(index),
  confirm,
  sequence: [...steps],
});

/** The smallest possible program on the same engine: over HTTP, embedded, or at the address of a separate engine. */
export function startLimit(hub: string, engine: "served" | "embedded" | `http:${string}`): Promise<Subject> {
  const folder = makeFolder();
  return startOther("limit", process.execPath, "limit/main.ts", [folder.data, hub, engine], folder.remove);
}

/** The engine as a separate process. */
export function startSeparateEngine(): Promise<Subject> {
  const folder = makeFolder();
  return startOther("engine", process.execPath, "limit/engine.ts", [folder.data], folder.remove);
}

/** How the predecessor worked: a sleeping thread for each trigger, and no store. Null without Python. */
export async function startSleeper(hub: string): Promise<Subject | null> {
  const { error } = spawnSync("python3", ["--version"]);
  if (error !== undefined) return null;
  return startOther(
    "sleeping threads",
    "python3",
    "alternatives/sleeping_threads.py",
    [hub],
    () => undefined,
  );
}

async function startOther(
  name: string,
  command: string,
  file: string,
  args: readonly string[],
  remove: () => void,
): Promise<Subject> {
  const child = spawn(command, [join(root, "test/benchmarks", file), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let origin: string | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    origin ??= /listening on (http:\S+)/.exec(chunk.toString())?.[1];
  });
  await until(() => origin !== undefined, `${name} listens`);
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    remove();
  };
  return { name, isTagrelay: false, origin: origin ?? "", pid: child.pid ?? 0, stop };
}

export type PushAnswer = { status: number; outcome: string };

/** Distinguishes a push from earlier pushes of its tag. */
let pushedAt = Math.floor(Date.now() / 1_000);

export async function push(via: Dispatcher, repository: string, tag: string): Promise<PushAnswer> {
  pushedAt += 1;
  return read(
    await via.request({
      method: "POST",
      path: `/hooks/dockerhub/${webhookSecret}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        push_data: { tag, pushed_at: pushedAt },
        repository: { repo_name: repository },
      }),
    }),
  );
}

export async function start(via: Dispatcher, pipeline: string): Promise<PushAnswer> {
  return read(
    await via.request({
      method: "POST",
      path: `/api/pipelines/${pipeline}/runs`,
      headers: { authorization: `Bearer ${apiToken}` },
    }),
  );
}

async function read({ statusCode, body }: Dispatcher.ResponseData): Promise<PushAnswer> {
  const answer = JSON.parse(await body.text());
  return { status: statusCode, outcome: answer.outcome ?? answer.title ?? answer.status };
}
