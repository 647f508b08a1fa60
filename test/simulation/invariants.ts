// What must hold in every simulated world after everything that happens; the truth is Docker Hub's and the engine's.
import { withDescendants } from "../../shared/core/graph.ts";
import { imageName } from "../../shared/core/image.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { PipelineState, Run, StepRun } from "../../shared/core/run.ts";
import type { Item } from "./engine.ts";
import type { Instance } from "./instance.ts";

export class Violation extends Error {
  override readonly name = "Violation";
}

/** A push, or where webhooks have to be believed, a webhook that told of one. */
export type Truth = { image: string; at: number };

type Claim = {
  instance: Instance;
  run: string;
  step: string;
  attempt: number;
  image: string;
  isSpent: boolean;
  isAccepted: boolean;
  /** Whether the outcome of the call was saved. */
  isRecorded: boolean;
};
type KnownRun = {
  pipeline: string;
  begunAt: number;
  activeSince: number;
  status: Run["status"];
  ends: number;
  passes: number;
};

/** Docker Hub's and the store's dates come in seconds: clocks that differ are put right to within a few of them. */
const clocksAgreeMs = 5_000;
const hour = 3_600_000;
/** From the look-up to the save that follows from it, also where the store makes it wait. */
const lookUpAtMostMs = 60_000;

const subjects = new Map([
  ["succeeded", "runSucceeded"],
  ["failed", "runFailed"],
  ["cancelled", "runCancelled"],
]);

export type Invariants = {
  /** A pipeline's state as it was saved last. */
  stateOf: (pipeline: string) => PipelineState | null;
  /** How many runs there were. */
  runs: () => number;
  onPut: (instance: Instance, before: Item | undefined, after: Item) => void;
  onTrigger: (instance: Instance, image: string) => void;
  onAccepted: (instance: Instance, image: string) => void;
  onLookUp: (image: string) => void;
  onNotice: (run: string, subject: string) => void;
  onRetry: (run: string) => void;
  /** No run is active for longer than its time-outs and retries allow. */
  checkTime: () => void;
  /** What must hold when all is quiet again. */
  checkEnd: (items: readonly Item[]) => void;
};

export function createInvariants(
  now: () => number,
  truths: (image: string) => readonly Truth[],
  isReadable: boolean,
): Invariants {
  const claims: Claim[] = [];
  const runs = new Map<string, KnownRun>();
  const states = new Map<string, PipelineState>();
  const retried = new Set<string>();
  const anew = new Map<string, number>();
  const lookedUpAt = new Map<string, number>();
  const notices = new Set<string>();
  const bounds = new Map<string, number>();
  const mostRetries = new Map<string, number>();

  const demand = (isSo: boolean, what: () => string) => {
    if (!isSo) throw new Violation(what());
  };
  const wasPushedSince = (image: string, since: number) =>
    truths(image).some(({ at }) => at >= since - clocksAgreeMs && at <= now());

  const learn = (pipeline: Pipeline) => {
    bounds.set(pipeline.name, Math.max(bounds.get(pipeline.name) ?? 0, longestMs(pipeline)));
    for (const { name, retries } of pipeline.steps) {
      const key = `${pipeline.name}/${name}`;
      mostRetries.set(key, Math.max(mostRetries.get(key) ?? 0, retries));
    }
  };

  const checkClaim = (instance: Instance, run: Run, step: StepRun) => {
    const pipeline = instance.pipelines.find(({ name }) => name === run.pipeline);
    const settings = pipeline?.steps.find(({ name }) => name === step.name);
    const known = runs.get(run.id);
    if (pipeline === undefined || settings === undefined || known === undefined) return;
    const scope = withDescendants(pipeline.steps, run.from ?? pipeline.steps.map(({ name }) => name));
    for (const name of settings.after.filter((other) => scope.has(other))) {
      const before = pipeline.steps.find((other) => other.name === name);
      const image = before === undefined ? "" : imageName(before.image);
      demand(
        wasPushedSince(image, known.begunAt),
        () => `step ${step.name} of run ${run.id} is triggered before ${image} was pushed in this run`,
      );
    }
    const { attempts: attempt, image } = step;
    const spent = { isSpent: false, isAccepted: false, isRecorded: false };
    claims.push({ instance, run: run.id, step: step.name, attempt, image, ...spent });
  };

  /** A lost webhook costs time, never a build: Docker Hub is asked before it is built again or given up. */
  const checkLookUp = (run: Run, last: StepRun, step: StepRun) => {
    const isSamePass = last.triggeredAt !== null && last.triggeredAt === step.triggeredAt;
    if (!isReadable || !isSamePass || (last.state !== "due" && last.state !== "building")) return;
    if (step.state !== "failed" && (step.state !== "triggering" || step.attempts === last.attempts)) return;
    const age = now() - (lookedUpAt.get(step.image) ?? 0);
    demand(
      age <= lookUpAtMostMs,
      () => `step ${step.name} of run ${run.id} is ${step.state} without a look-up`,
    );
  };

  const checkSuccess = (instance: Instance, run: Run) => {
    const pipeline = instance.pipelines.find(({ name }) => name === run.pipeline);
    const begunAt = runs.get(run.id)?.begunAt ?? 0;
    const scope = withDescendants(
      pipeline?.steps ?? [],
      run.from ?? pipeline?.steps.map(({ name }) => name) ?? [],
    );
    for (const { name, image, state } of run.steps) {
      if (!scope.has(name)) continue;
      const isFresh = state === "done" && wasPushedSince(image, begunAt);
      demand(
        isFresh,
        () => `run ${run.id} says that it succeeded, and ${image} was not pushed since it began`,
      );
      const after = pipeline?.steps.find((step) => step.name === name)?.after ?? [];
      for (const before of after.filter((other) => scope.has(other))) {
        const base = run.steps.find((step) => step.name === before)?.image ?? "";
        const baseAt = truths(base).find(({ at }) => at >= begunAt - clocksAgreeMs)?.at ?? 0;
        demand(
          wasPushedSince(image, baseAt),
          () => `run ${run.id} succeeded, and ${image} is older than ${base}`,
        );
      }
    }
  };

  const checkRun = (instance: Instance, run: Run, before: Run | null) => {
    const known = runs.get(run.id);
    const isActive = run.status === "running";
    if (known === undefined) {
      const fresh = { pipeline: run.pipeline, begunAt: now(), activeSince: now(), passes: 1, ends: 0 };
      runs.set(run.id, { ...fresh, status: run.status });
    } else if (known.status !== run.status) {
      if (isActive) {
        demand(retried.has(run.id), () => `run ${run.id} is active again, and nobody has asked for that`);
        known.passes += 1;
        known.activeSince = now();
      } else if (!retried.has(run.id))
        demand(known.status === "running", () => `run ${run.id} was ${known.status} and is ${run.status}`);
      known.status = run.status;
    }
    if (!isActive) endRun(instance, run, before);
    const earlier = new Map((before?.id === run.id ? before.steps : []).map((step) => [step.name, step]));
    for (const step of run.steps) {
      const last = earlier.get(step.name);
      // Begun anew: the run was retried, or the step was given another place.
      const isAnew = last != null && last.triggeredAt !== null && last.triggeredAt !== step.triggeredAt;
      if (isAnew) anew.set(`${run.id} ${step.image}`, (anew.get(`${run.id} ${step.image}`) ?? 0) + 1);
      if (last !== undefined) checkLookUp(run, last, step);
      if (step.state === "triggering" && last?.attempts !== step.attempts) checkClaim(instance, run, step);
      if (last?.state === "triggering" && step.state !== "triggering") record(run.id, last, step);
    }
  };

  const record = (run: string, last: StepRun, step: StepRun) => {
    const isLost = step.state === "due" && /not known|: cut|no answer in time/.test(step.reason ?? "");
    for (const claim of claims) {
      const isMeant = claim.run === run && claim.step === step.name && claim.attempt === last.attempts;
      if (!isMeant) continue;
      // Nothing is sent for it any more, unless its push has overtaken it.
      if (step.state !== "done") claim.isSpent = true;
      if (!isLost) claim.isRecorded = true;
    }
  };

  /** A run that is still active ends by another one taking its place. */
  const replace = ({ id, status }: Run) => {
    const known = runs.get(id);
    if (known === undefined || status !== "running") return;
    known.status = "cancelled";
    known.ends += 1;
  };

  const endRun = (instance: Instance, run: Run, before: Run | null) => {
    const known = runs.get(run.id);
    if (known === undefined || (before?.id === run.id && before.status !== "running")) return;
    known.ends += 1;
    const { ends, passes } = known;
    demand(ends <= passes, () => `run ${run.id} has ended ${ends} times in ${passes} passes`);
    if (run.status === "succeeded") checkSuccess(instance, run);
  };

  const learned = new WeakSet<object>();
  const learnAll = (pipelines: readonly Pipeline[]) => {
    if (learned.has(pipelines)) return;
    learned.add(pipelines);
    pipelines.forEach(learn);
  };

  return {
    stateOf: (pipeline) => states.get(pipeline) ?? null,
    runs: () => runs.size,
    onPut: (instance, before, after) => {
      learnAll(instance.pipelines);
      // History counts when the run's place is taken, which is saved after it.
      if (after.sk?.S !== "state") return;
      const name = (after.pk?.S ?? "").slice("pipeline#".length);
      const version = Number(after.version?.N);
      const expected = Number(before?.version?.N ?? 0) + 1;
      demand(version === expected, () => `${name} goes from version ${expected - 1} to ${version}`);
      const state: PipelineState = JSON.parse(after.state?.S ?? "");
      const earlier = states.get(name)?.run ?? null;
      states.set(name, state);
      if (earlier !== null && earlier.id !== state.run?.id) replace(earlier);
      if (state.run !== null) checkRun(instance, state.run, earlier);
    },
    onTrigger: (instance, image) => {
      const claim = claims.findLast(
        (other) => other.instance === instance && other.image === image && !other.isSpent,
      );
      demand(claim !== undefined, () => `a trigger for ${image} is sent that was not saved before`);
      if (claim !== undefined) claim.isSpent = true;
    },
    onAccepted: (instance, image) => {
      const claim = claims.findLast(
        (other) => other.instance === instance && other.image === image && other.isSpent,
      );
      if (claim !== undefined) claim.isAccepted = true;
    },
    onLookUp: (image) => void lookedUpAt.set(image, now()),
    onNotice: (run, subject) => void notices.add(`${run} ${subject}`),
    onRetry: (run) => void retried.add(run),
    checkTime: () => {
      for (const [id, { status, activeSince, pipeline }] of runs) {
        if (status !== "running") continue;
        const bound = bounds.get(pipeline) ?? 0;
        demand(
          now() - activeSince <= bound,
          () => `run ${id} is active for longer than ${bound / hour} hours`,
        );
      }
    },
    checkEnd: (items) => {
      const kept = new Map<string, Run[]>();
      const keep = (run: Run) => void kept.set(run.id, [...(kept.get(run.id) ?? []), run]);
      for (const item of items) {
        if (item.sk?.S !== "state") keep(JSON.parse(item.run?.S ?? ""));
      }
      for (const [name, { run, told, notices: left }] of states) {
        demand(run?.status !== "running", () => `${name} has a run that does not end`);
        demand(
          told.length === 0 && left.length === 0,
          () => `${name} has a push or a notice that is not seen to`,
        );
        // Its copy in history, made for a place that was not taken then, says nothing.
        if (run !== null) kept.set(run.id, [run]);
      }
      for (const [id, { ends }] of runs) {
        const [run] = kept.get(id) ?? [];
        demand(
          run !== undefined && run.status !== "running",
          () => `run ${id} is not in the record with its end`,
        );
        const isTold = notices.has(`${id} ${subjects.get(run?.status ?? "")}`);
        demand(isTold, () => `run ${id} has ended (${run?.status}), and nobody was told`);
        demand(kept.get(id)?.length === 1 || ends > 1, () => `run ${id} stands in the record more than once`);
      }
      for (const run of runs.keys()) checkAttempts(run);
    },
  };

  /** Builds that were begun for a step: one, one more for each retry, and one for each outcome that was lost. */
  function checkAttempts(run: string): void {
    const accepted = claims.filter((claim) => claim.run === run && claim.isAccepted);
    const pipeline = runs.get(run)?.pipeline ?? "";
    for (const { step, image } of accepted) {
      const ofStep = accepted.filter((claim) => claim.image === image);
      const lost = ofStep.filter(({ isRecorded }) => !isRecorded).length;
      const passes = 1 + (anew.get(`${run} ${image}`) ?? 0);
      const allowed = passes * (1 + (mostRetries.get(`${pipeline}/${step}`) ?? 0)) + lost;
      demand(
        ofStep.length <= allowed,
        () => `step ${step} of run ${run} was built ${ofStep.length} times, and ${allowed} are allowed`,
      );
    }
  }
}

/** Each step one after the other, each build at the end of its time, each told of by a webhook that is not confirmed. */
function longestMs({ steps }: Pipeline): number {
  return steps.reduce(
    (all, { delayMs, timeoutMs, retries }) =>
      all + delayMs + (1 + retries) * (2 * timeoutMs + hour) + 8 * hour,
    8 * hour,
  );
}
