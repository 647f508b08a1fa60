// A run that the API has told of, as the core has runs: the progress of both is shown by the same means. What the API
// does not tell is of no use for that, and stands here as nothing.
import type { Run, StepRun } from "../../shared/core/run.ts";
import type { RunAnswer, RunStepAnswer } from "../../shared/http/api-answers.ts";
import { printable } from "./text.ts";

export function runOfAnswer(answer: RunAnswer): Run {
  const run = {
    id: answer.id,
    pipeline: answer.pipeline,
    cause: answer.cause,
    from: answer.from ?? null,
    startedAt: Date.parse(answer.startedAt),
    steps: answer.steps.map(stepOfAnswer),
    ...{ pushedStep: null, stalledAt: null, log: [] },
  };
  if (answer.status === "running") return { ...run, status: answer.status };
  return { ...run, status: answer.status, endedAt: Date.parse(answer.endedAt) };
}

const untold = { retried: 0, slot: null } as const;
const untoldUnderWay = { wakeAt: 0, giveUpAt: null, lookUps: 0 } as const;

function stepOfAnswer(answer: RunStepAnswer): StepRun {
  const { name, image, attempts, triggeredAt, build } = answer;
  const step = {
    ...{ ...untold, name: printable(name), image: printable(image), attempts },
    triggeredAt: triggeredAt === undefined ? null : Date.parse(triggeredAt),
    ticket: build === undefined ? null : { id: build.id, url: build.url ?? null },
  };
  switch (answer.state) {
    case "waiting":
    case "skipped":
      return { ...step, state: answer.state };
    case "triggering":
    case "building":
      return { ...step, ...untoldUnderWay, state: answer.state };
    case "due": {
      const reason = answer.reason === undefined ? null : printable(answer.reason);
      return { ...step, ...untoldUnderWay, state: "due", dueAt: Date.parse(answer.dueAt), reason };
    }
    case "done":
      return { ...step, state: "done", doneAt: Date.parse(answer.doneAt) };
    case "failed":
      return {
        ...{ ...step, state: "failed", reason: printable(answer.reason) },
        failedAt: Date.parse(answer.failedAt),
      };
  }
}
