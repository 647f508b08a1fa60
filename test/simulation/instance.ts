// A process in a simulated world, of a function or of the program on one machine: the real relay with its own
// clock, which can be killed at any await.

import { createChannels } from "../../shared/channels/channels.ts";
import type { Commands } from "../../shared/kinds/builder.ts";
import type { LogEntry } from "../../shared/log.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import type { Requests } from "../../shared/store/dynamodb/requests.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import { createStoreClock } from "../../shared/store/store-clock.ts";
import type { Random } from "../random.ts";
import { channel } from "./channel.ts";
import type { SimulatedEngine } from "./engine.ts";
import type { Faults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

export type Instance = {
  name: string;
  pipelines: readonly Pipeline[];
  relay: Relay;
  isAlive: () => boolean;
  kill: () => void;
};

export type Surroundings = {
  /** Everything is one process with the store within it, as on one machine. */
  isOneMachine: boolean;
  timeline: Timeline;
  random: Random;
  faults: Faults;
  engine: SimulatedEngine;
  /** The registries, the builders and the server for notices. */
  answer: (outgoing: Outgoing) => Answer;
  stopCommand: (...build: Parameters<Commands["stop"]>) => void;
  trace: Trace;
  isStoreDown: () => boolean;
  /** Names the sender of the request that the engine or a host answers next. */
  setCaller: (instance: Instance) => void;
  log: (instance: Instance, entry: LogEntry) => void;
};

export const historyMs = 90 * 86_400_000;

export function createInstance(
  name: string,
  pipelines: readonly Pipeline[],
  skewMs: number,
  surroundings: Surroundings,
): Instance {
  const { timeline, random, faults, engine, answer, stopCommand, isStoreDown, setCaller, log } = surroundings;
  const killed = surroundings.isOneMachine ? "program killed" : "killed";
  let isAlive = true;
  const own = () => Math.floor(timeline.now()) + skewMs;
  const storeClock = createStoreClock(own);

  /** A request of this process. If the process is killed, a request that left still takes effect. */
  const call = <T>(effect: () => Promise<T>, tookMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const arrive = () => {
        setCaller(instance);
        const outcome = effect();
        if (isAlive && faults.happens(`${killed} before an answer`)) isAlive = false;
        // A killed process gets no answer.
        if (isAlive) outcome.then(resolve, reject);
        else outcome.catch(() => undefined);
      };
      if (isAlive && faults.happens(`${killed} before a request`)) isAlive = false;
      if (!isAlive) return;
      if (tookMs === 0) arrive();
      else timeline.after(tookMs, arrive);
    });

  /** Never resolves if the process is killed meanwhile. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => timeline.after(ms, () => (isAlive ? resolve() : undefined)));

  const ask = async <T>(request: () => Promise<T>, tookMs = random.between(2, 40)): Promise<T> => {
    const sentAt = own();
    const isDown = isStoreDown() || faults.happens("store times out before");
    if (isDown || faults.happens("store throttles")) {
      await pause(isDown ? 3_000 : 50);
      throw named(isDown ? "TimeoutError" : "ProvisionedThroughputExceededException");
    }
    const answer = await call(request, tookMs);
    if (skewMs !== 0) storeClock.adjust(sentAt, new Date(timeline.now()).toUTCString());
    return answer;
  };
  const write = async (request: () => Promise<unknown>) => {
    await request();
    if (faults.happens("store times out after writing")) throw named("TimeoutError");
    if (faults.happens("store's answer is lost and the request is repeated")) await request();
  };
  const requests: Requests = {
    getItem: (input) => ask(() => engine.getItem(input)),
    batchGetItem: (input) => ask(() => engine.batchGetItem(input)),
    // Eight at a time, from an index that lags anyway: the exact time makes no difference.
    query: (input) => ask(() => engine.query(input), 0),
    deleteItem: (input) => ask(() => write(() => engine.deleteItem(input))),
    putItem: (input) => ask(() => write(() => engine.putItem(input))),
  };
  const send = async (outgoing: Outgoing): Promise<Answer> => {
    const received = await call(async () => answer(outgoing), random.between(20, 200));
    if (received.kind === "unanswered") await pause(outgoing.timeoutMs);
    else if (faults.happens("answer is slow")) await pause(random.between(0, outgoing.timeoutMs));
    return received;
  };
  const clock = storeClock.now;
  const ports = { send, origins: realOrigins, clock, readLogin: async () => null };
  const { lookUpTag, readContent, moveTag } = createLookUps(ports, pause);
  const relay = createRelay(pipelines, {
    store: createDynamodbStore({
      requests,
      tableName: "tagrelay",
      historyMs,
      clock: storeClock.now,
      embedded: surroundings.isOneMachine ? { reopenings: () => 0 } : null,
    }),
    slots: createDynamodbSlots({ requests, tableName: "tagrelay", clock: storeClock.now }),
    builderContext: {
      send,
      origins: realOrigins,
      readSecret: async () => "token",
      // A command is simulated as a request to `machineHost`.
      commands: {
        run: async () => ({ kind: "rejected", reason: "expected a request" }),
        stop: (build) => call(async () => stopCommand(build), 0),
        readOutput: async () => null,
      },
      clock: storeClock.now,
    },
    lookUpTag,
    readContent,
    moveTag,
    channels: createChannels([channel], {
      send,
      readSecret: async () => null,
      publish: null,
      sendMail: null,
      keepsRunning: false,
      clock,
    }),
    clock,
    random: random.next,
    sleep: pause,
    log: (_level, entry) => log(instance, entry),
    observe: () => undefined,
  });
  const kill = () => {
    isAlive = false;
  };
  const instance: Instance = { name, pipelines, relay, isAlive: () => isAlive, kill };
  return instance;
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
