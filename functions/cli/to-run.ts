// Converts a run of the API's answers into the core's type, which shared/progress displays.
import type { RunAnswer, RunStepAnswer } from "../../shared/http/api/answers.ts";
import type { Run, StepRun } from "../../shared/run/state.ts";
import { toSingleLine } from "./text.ts";

export function toRun(answer: RunAnswer): Run {
  const run = {
    id: answer.id,
    pipeline: answer.pipeline,
    cause: answer.cause,
    from: answer.from ?? null,
    startedAt: Date.parse(answer.startedAt),
    steps: answer.steps.map(toStepRun),
    because: answer.because === undefined ? null : toSingleLine(answer.because),
    onlyStale: answer.only === "stale",
    promotion: null,
    pushedStep: null,
    stalledAt: null,
    log: [],
  };
  if (answer.status === "running") return { ...run, status: answer.status };
  return { ...run, status: answer.status, endedAt: Date.parse(answer.endedAt) };
}

/** The API omits these fields, and no display uses them. */
const omitted = { retriesUsed: 0, digestBefore: null, pushed: null, slot: null } as const;
const omittedUnderWay = { wakeAt: 0, giveUpAt: 0, lookUps: 0 } as const;

function toStepRun(answer: RunStepAnswer): StepRun {
  const { name, image, attempts, triggeredAt, build } = answer;
  const stepRun = {
    ...omitted,
    name: toSingleLine(name),
    attempts,
    image: image === undefined ? null : toSingleLine(image),
    triggeredAt: triggeredAt === undefined ? null : Date.parse(triggeredAt),
    build: build === undefined ? null : { id: build.id, url: build.url ?? null },
  };
  switch (answer.state) {
    case "waiting":
    case "skipped":
      return { ...stepRun, state: answer.state };
    case "triggering":
    case "building":
      return { ...stepRun, ...omittedUnderWay, state: answer.state };
    case "due": {
      const dueAt = Date.parse(answer.dueAt);
      const due = { ...stepRun, ...omittedUnderWay, state: "due", dueAt } as const;
      if (answer.reason === undefined) return { ...due, giveUpAt: null, phase: "delayed", reason: null };
      return { ...due, phase: "backingOff", reason: toSingleLine(answer.reason) };
    }
    case "done":
      return { ...stepRun, state: "done", doneAt: Date.parse(answer.doneAt), reportedBy: null };
    case "fresh": {
      const freshAt = Date.parse(answer.freshAt);
      return { ...stepRun, state: "fresh", freshAt, reason: toSingleLine(answer.reason) };
    }
    case "failed":
      return {
        ...stepRun,
        state: "failed",
        reason: toSingleLine(answer.reason),
        failedAt: Date.parse(answer.failedAt),
      };
  }
}
