// A function's process in a simulated world: the real relay, with a clock of its own, that can be killed at any await.
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { createLookUpTag } from "../../shared/docker-hub/look-up-tag.ts";
import type { LogEntry } from "../../shared/log/log.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import type { Requests } from "../../shared/store/requests.ts";
import { createStoreClock } from "../../shared/store/store-clock.ts";
import type { Commands } from "../../shared/triggers/trigger.ts";
import type { Random } from "../random.ts";
import type { SimulatedEngine } from "./engine.ts";
import type { Faults } from "./faults.ts";
import type { Tell } from "./history.ts";
import type { Timeline } from "./timeline.ts";

export type Instance = { name: string; pipelines: readonly Pipeline[]; relay: Relay; isAlive: () => boolean };

export type Surroundings = {
  timeline: Timeline;
  random: Random;
  faults: Faults;
  engine: SimulatedEngine;
  /** Docker Hub's tag API, and all who build. */
  answer: (outgoing: Outgoing) => Answer;
  stopCommand: (...build: Parameters<Commands["stop"]>) => void;
  tell: Tell;
  /** Since when, or until when, the store cannot be reached. */
  storeIsGone: () => boolean;
  /** Who is asking the engine or Docker Hub at this moment. */
  setCaller: (instance: Instance) => void;
  log: (instance: Instance, entry: LogEntry) => void;
};

export const historyMs = 90 * 86_400_000;

export function createInstance(
  name: string,
  pipelines: readonly Pipeline[],
  skewMs: number,
  { timeline, random, faults, engine, answer, stopCommand, storeIsGone, setCaller, log }: Surroundings,
): Instance {
  let isAlive = true;
  const own = () => Math.floor(timeline.now()) + skewMs;
  const storeClock = createStoreClock(own);

  /** A request of this process: it dies with it, what has left has left. */
  const call = <T>(effect: () => Promise<T>, tookMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const arrive = () => {
        setCaller(instance);
        const outcome = effect();
        if (isAlive && faults.happens("killed before an answer")) isAlive = false;
        // It may be told to nobody.
        if (isAlive) outcome.then(resolve, reject);
        else outcome.catch(() => undefined);
      };
      if (isAlive && faults.happens("killed before a request")) isAlive = false;
      if (!isAlive) return;
      if (tookMs === 0) arrive();
      else timeline.after(tookMs, arrive);
    });

  /** Whoever dies meanwhile does not wake. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => timeline.after(ms, () => (isAlive ? resolve() : undefined)));

  const ask = async <T>(request: () => Promise<T>, tookMs = random.between(2, 40)): Promise<T> => {
    const sentAt = own();
    const gone = storeIsGone() || faults.happens("store times out before");
    if (gone || faults.happens("store throttles")) {
      await pause(gone ? 3_000 : 50);
      throw named(gone ? "TimeoutError" : "ProvisionedThroughputExceededException");
    }
    const answer = await call(request, tookMs);
    if (skewMs !== 0) storeClock.hear(sentAt, new Date(timeline.now()).toUTCString());
    return answer;
  };
  const write = async (request: () => Promise<unknown>) => {
    await request();
    if (faults.happens("store times out after having written")) throw named("TimeoutError");
    if (faults.happens("store's answer is lost and the request sent again")) await request();
  };
  const requests: Requests = {
    getItem: (input) => ask(() => engine.getItem(input)),
    batchGetItem: (input) => ask(() => engine.batchGetItem(input)),
    // Asked for eight at a time, and of the index: when exactly makes no difference.
    query: (input) => ask(() => engine.query(input), 0),
    deleteItem: (input) => ask(() => write(() => engine.deleteItem(input))),
    putItem: (input) => ask(() => write(() => engine.putItem(input))),
  };
  const send = async (outgoing: Outgoing): Promise<Answer> => {
    const told = await call(async () => answer(outgoing), random.between(20, 200));
    if (told.kind === "unanswered") await pause(outgoing.timeoutMs);
    else if (faults.happens("answer comes slowly")) await pause(random.between(0, outgoing.timeoutMs));
    return told;
  };
  const relay = createRelay(pipelines, {
    store: createDynamodbStore({ requests, tableName: "tagrelay", historyMs }),
    slots: createDynamodbSlots({ requests, tableName: "tagrelay", clock: storeClock.now }),
    triggers: {
      send,
      origins: realOrigins,
      readSecret: async () => "token",
      // Those of the machine are begun by a request that stands for it.
      commands: {
        run: async () => ({ kind: "rejected", reason: "expected a request" }),
        stop: (build) => call(async () => stopCommand(build), 0),
        readOutput: async () => null,
      },
      clock: storeClock.now,
    },
    lookUpTag: createLookUpTag(send, realOrigins, storeClock.now),
    clock: storeClock.now,
    random: random.next,
    sleep: pause,
    log: (_level, entry) => log(instance, entry),
    observe: () => undefined,
  });
  const instance: Instance = { name, pipelines, relay, isAlive: () => isAlive };
  return instance;
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
