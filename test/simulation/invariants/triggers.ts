// Checks triggers: each is saved before it is sent, and retries and lost outcomes limit how often a step is built.
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { Run, StepRun } from "../../../shared/run/state.ts";
import type { Instance } from "../instance.ts";
import { targetNameOf } from "./target-name.ts";
import { mustHold } from "./violation.ts";

type Claim = {
  instance: Instance;
  run: Run;
  step: string;
  attempt: number;
  image: string;
  /** It was sent, or no longer will be. */
  isSpent: boolean;
  isAccepted: boolean;
  /** The outcome of the call was saved. */
  isRecorded: boolean;
};

export type TriggerChecks = {
  /** Follows a step from one save to the next. */
  follow: (instance: Instance, run: Run, last: StepRun | undefined, step: StepRun) => void;
  onTrigger: (instance: Instance, image: string) => void;
  onAccepted: (instance: Instance, image: string) => void;
  learn: (pipeline: Pipeline) => void;
  checkEnd: () => void;
};

export function createTriggerChecks(): TriggerChecks {
  const claims: Claim[] = [];
  const restarts = new Map<string, number>();
  const maxRetries = new Map<string, number>();

  const record = (run: Run, last: StepRun, step: StepRun) => {
    const isLost = step.state === "due" && /not known|: cut|no answer in time/.test(step.reason ?? "");
    for (const claim of claims) {
      const isMatch = claim.run.id === run.id && claim.step === step.name && claim.attempt === last.attempts;
      if (!isMatch) continue;
      // Its trigger is no longer sent, unless the push or the end of the run overtook it.
      if (step.state === "due" || step.state === "building" || step.state === "failed") claim.isSpent = true;
      if (!isLost) claim.isRecorded = true;
    }
  };
  const findLast = (instance: Instance, image: string, isSpent: boolean) =>
    claims.findLast(
      (claim) => claim.instance === instance && claim.image === image && claim.isSpent === isSpent,
    );

  return {
    follow: (instance, run, last, step) => {
      const { name, attempts: attempt, state, triggeredAt } = step;
      if (step.image === null) return;
      const image = targetNameOf(run, step.image);
      // The run was retried, or the step was moved.
      const isRestart = last !== undefined && last.triggeredAt !== null && last.triggeredAt !== triggeredAt;
      const key = `${run.id} ${image}`;
      if (isRestart) restarts.set(key, (restarts.get(key) ?? 0) + 1);
      if (state === "triggering" && last?.attempts !== attempt) {
        const outcome = { isSpent: false, isAccepted: false, isRecorded: false };
        claims.push({ instance, run, step: name, attempt, image, ...outcome });
      }
      if (last?.state === "triggering" && state !== "triggering") record(run, last, step);
    },
    onTrigger: (instance, image) => {
      const claim = findLast(instance, image, false);
      mustHold(claim !== undefined, () => `a trigger for ${image} was sent before it was saved`);
      if (claim !== undefined) claim.isSpent = true;
    },
    onAccepted: (instance, image) => {
      const claim = findLast(instance, image, true);
      if (claim !== undefined) claim.isAccepted = true;
    },
    learn: ({ name: pipeline, steps }) => {
      for (const { name, retries } of steps) {
        const key = `${pipeline}/${name}`;
        maxRetries.set(key, Math.max(maxRetries.get(key) ?? 0, retries));
      }
    },
    checkEnd: () => {
      const accepted = Map.groupBy(
        claims.filter(({ isAccepted }) => isAccepted),
        ({ run, image }) => `${run.id} ${image}`,
      );
      for (const [key, builds] of accepted) {
        const step = `step ${builds[0]?.step} of run ${builds[0]?.run.id}`;
        const lost = builds.filter(({ isRecorded }) => !isRecorded).length;
        const retries = maxRetries.get(`${builds[0]?.run.pipeline}/${builds[0]?.step}`) ?? 0;
        const allowed = (1 + (restarts.get(key) ?? 0)) * (1 + retries) + lost;
        mustHold(
          builds.length <= allowed,
          () => `${step} was built ${builds.length} times; at most ${allowed} allowed`,
        );
      }
    },
  };
}
