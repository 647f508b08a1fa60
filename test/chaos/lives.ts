// Starts the program, kills it at a random moment, and restarts it with the same folder.
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import { type Folder, type Started, spawnProgram, until } from "../stand-ins/program.ts";
import { triggerSecretName } from "./pipelines.ts";
import type { ProgramLog } from "./program-log.ts";
import type { Signal } from "./signal.ts";

export type Lives = {
  /** How many times the program was started. */
  now: () => number;
  /** The program's origin; null while it does not listen. */
  origin: () => string | null;
  kills: number[];
  /** Starts the program and kills it. */
  startAndKill: () => Promise<void>;
  /** Starts the program and returns its origin. */
  start: () => Promise<string>;
  stop: () => Promise<void>;
};

export type LivesOptions = {
  folder: Folder;
  config: string;
  hubPort: number;
  token: string;
  random: Random;
  log: ProgramLog;
  /** A trigger or a webhook arrived. */
  arrivals: Signal;
};

const listening = /^tagrelay listening on (http:\/\/\S+)$/m;

export function createLives(options: LivesOptions): Lives {
  const { folder, config, hubPort, token, random, log, arrivals } = options;
  const kills: number[] = [];
  let life = 0;
  let origin: string | null = null;
  let current: Started | null = null;

  const spawn = () => {
    life += 1;
    current = spawnProgram(
      ["--port", "0", "--live", "--hub-url", `http://127.0.0.1:${hubPort}`]
        .concat(["--config", config])
        .concat(["--data", folder.data]),
      { [triggerSecretName]: token, NODE_COMPILE_CACHE: `${folder.path}/compiled` },
      folder.path,
    );
    return current;
  };

  const listens = async (started: Started) => {
    const isUp = () => listening.test(started.stdout()) || started.process.exitCode !== null;
    await until(isUp, "the program listens", 60_000);
    const found = listening.exec(started.stdout())?.[1];
    if (found === undefined) throw new Error(`the program did not start: ${started.stderr()}`);
    origin = found;
    return found;
  };

  const end = async (started: Started, signal: "SIGKILL" | "SIGTERM") => {
    const endedByItself = started.process.exitCode !== null;
    const endedAt = Date.now();
    if (signal === "SIGKILL") kills.push(endedAt);
    started.process.kill(signal);
    origin = null;
    await started.ended;
    current = null;
    log.read(life, started.stderr(), `ended by ${signal} at ${new Date(endedAt).toISOString()}`);
    if (endedByItself) throw new Error(`the program ended by itself: ${started.stderr()}`);
  };

  return {
    now: () => life,
    origin: () => origin,
    kills,
    startAndKill: async () => {
      const started = spawn();
      // Sometimes during the start.
      if (random.chance(0.04)) await sleep(random.integer(20, 600));
      else {
        await listens(started);
        await waitForKill(random, arrivals);
      }
      await end(started, "SIGKILL");
    },
    start: () => listens(spawn()),
    stop: async () => {
      if (current !== null) await end(current, "SIGTERM");
    },
  };
}

/** Ends 20 to 800 ms after the program listens, mostly just after a request arrived. */
async function waitForKill(random: Random, arrivals: Signal): Promise<void> {
  await sleep(20);
  if (random.chance(0.4)) return void (await sleep(random.integer(0, 780)));
  const skipped = random.integer(0, 3);
  const shortMs = random.integer(0, 40);
  const timeIsUp = sleep(740);
  for (let arrival = 0; arrival <= skipped; arrival += 1) await Promise.race([arrivals.next(), timeIsUp]);
  await sleep(shortMs);
}
