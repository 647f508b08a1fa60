// The functions of a simulated world as they are deployed, and what they are asked for.
import type { Event } from "../../shared/core/event.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { wakeAtOf } from "../../shared/core/run.ts";
import { type Applied, apply } from "../../shared/relay/apply.ts";
import { newRunId } from "../../shared/relay/relay.ts";
import { startScheduled } from "../../shared/relay/start-scheduled.ts";
import { sweep } from "../../shared/relay/sweep.ts";
import { StoreUnavailableError } from "../../shared/store/store.ts";
import type { Random } from "../random.ts";
import { describePipeline } from "./history.ts";
import { createInstance, type Instance, type Surroundings } from "./instance.ts";
import type { Invariants } from "./invariants.ts";
import { compile, type Documents, redraw } from "./pipelines.ts";

export type Deployment = {
  pipelines: () => readonly Pipeline[];
  /** Also those that are no longer configured. */
  names: () => readonly string[];
  invoke: (kind: string, work: (instance: Instance) => Promise<unknown>) => void;
  apply: (pipeline: string, eventOf: (instance: Instance) => Event, onDone?: OnDone) => void;
  start: (pipeline: string) => void;
  fire: (pipeline: string, scheduledFor: number) => void;
  /** Sees to it that a sweep runs in each minute in which there is something to do. */
  keepSweeping: () => void;
  redeploy: () => void;
  isBusy: () => boolean;
};

/** Hears of what an event has changed, as whoever has sent it hears of it. */
type OnDone = (applied: Applied, instance: Instance) => void;

const minute = 60_000;

export function createDeployment(
  drawn: Documents,
  surroundings: Surroundings,
  random: Random,
  invariants: Invariants,
  fail: (violation: string) => void,
): Deployment {
  const { timeline, faults, engine, tell } = surroundings;
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

  /** What is asked of a function is done, fails because of the store, or is never answered. */
  const invoke = (kind: string, work: (instance: Instance) => Promise<unknown>) => {
    const slot = `${kind}/${random.integer(0, 1)}`;
    const known = current.get(slot);
    const instance = known?.isAlive() ? known : create(kind);
    current.set(slot, instance);
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
        // EventBridge asks twice more.
        if (attempt < 3) timeline.after(attempt * minute, () => fire(name, scheduledFor, attempt + 1));
        throw error;
      }
    });

  const nextWake = () => {
    const instants = names.map((name) => {
      const state = invariants.stateOf(name);
      return (state === null ? null : wakeAtOf(state)) ?? Number.POSITIVE_INFINITY;
    });
    return Math.min(...instants);
  };

  /** The sweeps of the minutes in between would find nothing. */
  const keepSweeping = () => {
    const nextAt = Math.max(timeline.now() + 1, engine.nextDueAt());
    const inMinute = Math.ceil(nextAt / minute) * minute;
    if (inMinute >= sweepAt || !Number.isFinite(inMinute)) return;
    sweepAt = inMinute;
    timeline.after(inMinute - timeline.now(), () => {
      if (sweepAt !== timeline.now()) return;
      sweepAt = Number.POSITIVE_INFINITY;
      if (!faults.happens("sweep is left out")) invoke("schedule", ({ relay }) => sweep(relay));
      if (faults.happens("sweep runs twice at once")) invoke("schedule", ({ relay }) => sweep(relay));
      keepSweeping();
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
        scheduledFor: null,
        news: null,
      })),
    fire,
    keepSweeping,
    redeploy: () => {
      deployments += 1;
      const redrawn = redraw(random, documents, deployments);
      if (redrawn.pipelines.size > 1 && random.next() < 0.2) redrawn.pipelines.delete("beta");
      documents = redrawn;
      pipelines = compile(documents);
      for (const pipeline of pipelines) tell(() => `redeployed ${describePipeline(pipeline)}`);
      // New functions take the place of the old ones, which end what they were doing.
      current.clear();
    },
    isBusy: () => Number.isFinite(nextWake()),
  };
}

function never(name: string): never {
  throw new Error(`expected a pipeline ${name}`);
}
