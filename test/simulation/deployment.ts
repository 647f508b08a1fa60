// The deployed functions of a simulated world, and their invocations. On one machine, all of them are one process.
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { type Applied, apply } from "../../shared/relay/apply.ts";
import { newRunId } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import type { Event } from "../../shared/run/event.ts";
import { wakeAtOf } from "../../shared/run/state.ts";
import { StoreUnavailableError } from "../../shared/store/store.ts";
import type { Random } from "../random.ts";
import { createInstance, type Instance, type Surroundings } from "./instance.ts";
import type { Invariants } from "./invariants/invariants.ts";
import { compile, type Documents, redraw } from "./random-pipelines.ts";
import { describePipeline } from "./trace.ts";

export type Deployment = {
  pipelines: () => readonly Pipeline[];
  /** Includes pipelines that a redeploy removed. */
  names: () => readonly string[];
  invoke: (kind: string, work: (instance: Instance) => Promise<unknown>) => void;
  apply: (pipeline: string, eventOf: (instance: Instance) => Event, onDone?: OnDone) => void;
  start: (pipeline: string) => void;
  fire: (pipeline: string, scheduledFor: number) => void;
  /** Schedules a sweep for the next minute in which something is due. */
  scheduleSweep: () => void;
  redeploy: () => void;
  isBusy: () => boolean;
};

/** Gets the result of an event, as its sender does. */
type OnDone = (applied: Applied, instance: Instance) => void;

const minute = 60_000;

export function createDeployment(
  drawn: Documents,
  surroundings: Surroundings,
  random: Random,
  invariants: Invariants,
  fail: (violation: string) => void,
): Deployment {
  const { timeline, faults, engine, trace, isOneMachine } = surroundings;
  let documents = drawn;
  let pipelines = compile(documents);
  const names = pipelines.map(({ name }) => name);
  const current = new Map<string, Instance>();
  let instances = 0;
  let deployments = 0;
  let sweepAt = Number.POSITIVE_INFINITY;

  const create = (kind: string): Instance => {
    instances += 1;
    const skewMs = faults.happens("clocks differ") ? random.pick([-minute, minute]) : 0;
    return createInstance(`${kind} ${instances}`, pipelines, skewMs, surroundings);
  };

  /** An invocation succeeds, fails because of the store, or never ends. */
  const invoke = (kind: string, work: (instance: Instance) => Promise<unknown>) => {
    const place = `${kind}/${random.integer(0, 1)}`;
    const key = isOneMachine ? "program" : place;
    const known = current.get(key);
    const instance = known?.isAlive() ? known : create(isOneMachine ? "program" : kind);
    current.set(key, instance);
    work(instance).catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) return;
      fail(`${instance.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : "unknown"}`);
    });
  };

  const applyTo: Deployment["apply"] = (name, eventOf, onDone = () => undefined) =>
    invoke("api", async (instance) => {
      const pipeline = instance.relay.pipelines.get(name);
      if (pipeline === undefined) return;
      onDone(await apply(instance.relay, pipeline, eventOf(instance)), instance);
    });

  const fire = (name: string, scheduledFor: number, attempt = 1) =>
    invoke("schedule", async ({ relay }) => {
      const pipeline = relay.pipelines.get(name);
      if (pipeline === undefined) return;
      try {
        await startScheduled(relay, pipeline, scheduledFor);
      } catch (error) {
        // EventBridge retries twice.
        if (attempt < 3) timeline.after(attempt * minute, () => fire(name, scheduledFor, attempt + 1));
        throw error;
      }
    });

  /** The daily looks at the registries never end. */
  const isOpen = (name: string) => {
    const state = invariants.stateOf(name);
    if (state === null) return false;
    const isLookedAtSoon = state.lookAt !== null && state.lookAt < timeline.now() + 60 * minute;
    return isLookedAtSoon || wakeAtOf({ ...state, lookAt: null }) !== null;
  };

  /** The sweeps of the minutes in between would find nothing to do. */
  const scheduleSweep = () => {
    const nextAt = Math.max(timeline.now() + 1, engine.nextDueAt());
    const inMinute = Math.ceil(nextAt / minute) * minute;
    if (inMinute >= sweepAt || !Number.isFinite(inMinute)) return;
    sweepAt = inMinute;
    timeline.after(inMinute - timeline.now(), () => {
      if (sweepAt !== timeline.now()) return;
      sweepAt = Number.POSITIVE_INFINITY;
      if (!faults.happens("sweep is skipped")) invoke("schedule", ({ relay }) => sweep(relay));
      if (faults.happens("sweep runs twice at once")) invoke("schedule", ({ relay }) => sweep(relay));
      scheduleSweep();
    });
  };

  return {
    pipelines: () => pipelines,
    names: () => names,
    invoke,
    apply: applyTo,
    start: (name) =>
      applyTo(name, ({ relay, pipelines: known }) => ({
        kind: "runRequested",
        newRunId: newRunId(relay, known.find((pipeline) => pipeline.name === name) ?? never(name)),
        cause: "manual",
        from: null,
        onlyStale: random.split(`only stale ${timeline.now()}`).chance(0.3),
      })),
    fire,
    scheduleSweep,
    redeploy: () => {
      deployments += 1;
      const redrawn = redraw(random, documents, deployments);
      if (redrawn.pipelines.size > 1 && random.next() < 0.2) redrawn.pipelines.delete("beta");
      documents = redrawn;
      pipelines = compile(documents);
      for (const pipeline of pipelines) trace(() => `redeployed ${describePipeline(pipeline)}`);
      // New processes replace the old ones. Functions finish their work; the program on one machine is stopped.
      if (isOneMachine) for (const instance of current.values()) instance.kill();
      current.clear();
    },
    isBusy: () => names.some(isOpen),
  };
}

function never(name: string): never {
  throw new Error(`expected a pipeline ${name}`);
}
