// Triggers: each is saved before it is sent, and no step is built more often than its retries and lost outcomes allow.
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { Run, StepRun } from "../../shared/core/run.ts";
import { demand } from "./demand.ts";
import type { Instance } from "./instance.ts";

type Claim = {
  instance: Instance;
  run: Run;
  step: string;
  attempt: number;
  image: string;
  /** Whether it was sent, or will not be any more. */
  isSpent: boolean;
  isAccepted: boolean;
  /** Whether the outcome of the call was saved. */
  isRecorded: boolean;
};

export type Claims = {
  /** Follows a step from one save to the next. */
  follow: (instance: Instance, run: Run, last: StepRun | undefined, step: StepRun) => void;
  onTrigger: (instance: Instance, image: string) => void;
  onAccepted: (instance: Instance, image: string) => void;
  learn: (pipeline: Pipeline) => void;
  checkEnd: () => void;
};

export function createClaims(): Claims {
  const claims: Claim[] = [];
  const timesAnew = new Map<string, number>();
  const mostRetries = new Map<string, number>();

  const record = (run: Run, last: StepRun, step: StepRun) => {
    const isLost = step.state === "due" && /not known|: cut|no answer in time/.test(step.reason ?? "");
    for (const claim of claims) {
      const isMeant = claim.run.id === run.id && claim.step === step.name && claim.attempt === last.attempts;
      if (!isMeant) continue;
      // Nothing is sent for it any more, unless its push or the end of its run has overtaken it.
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
      const { name, image, attempts: attempt, state, triggeredAt } = step;
      // The run was retried, or the step was given another place.
      const isAnew = last !== undefined && last.triggeredAt !== null && last.triggeredAt !== triggeredAt;
      const key = `${run.id} ${image}`;
      if (isAnew) timesAnew.set(key, (timesAnew.get(key) ?? 0) + 1);
      if (state === "triggering" && last?.attempts !== attempt) {
        const outcome = { isSpent: false, isAccepted: false, isRecorded: false };
        claims.push({ instance, run, step: name, attempt, image, ...outcome });
      }
      if (last?.state === "triggering" && state !== "triggering") record(run, last, step);
    },
    onTrigger: (instance, image) => {
      const claim = findLast(instance, image, false);
      demand(claim !== undefined, () => `a trigger for ${image} is sent that was not saved before`);
      if (claim !== undefined) claim.isSpent = true;
    },
    onAccepted: (instance, image) => {
      const claim = findLast(instance, image, true);
      if (claim !== undefined) claim.isAccepted = true;
    },
    learn: ({ name: pipeline, steps }) => {
      for (const { name, retries } of steps) {
        const key = `${pipeline}/${name}`;
        mostRetries.set(key, Math.max(mostRetries.get(key) ?? 0, retries));
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
        const retries = mostRetries.get(`${builds[0]?.run.pipeline}/${builds[0]?.step}`) ?? 0;
        const allowed = (1 + (timesAnew.get(key) ?? 0)) * (1 + retries) + lost;
        demand(
          builds.length <= allowed,
          () => `${step} was built ${builds.length} times, and ${allowed} are allowed`,
        );
      }
    },
  };
}
