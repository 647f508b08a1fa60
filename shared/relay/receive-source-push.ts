// A webhook reports a push to a repository: it starts a run of each pipeline that has the repository as its source.
import type { Outcome } from "../run/event.ts";
import type { SourcePush } from "../sources/github/push-webhook.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import { newRunId, type Relay } from "./relay.ts";
import { settleAll } from "./settle-all.ts";
import { type PipelineOfSource, stepsOfSource } from "./steps-of-source.ts";

export type SourcePushResult = {
  pipeline: string;
  /** The steps that the run starts at; null for the whole pipeline, or if no run starts. */
  from: string[] | null;
  run: string | null;
  outcome: Outcome;
};

export const unknownSource = "no pipeline has this repository as its source";

export async function receiveSourcePush(relay: Relay, push: SourcePush): Promise<SourcePushResult[]> {
  const { repository, branch, commit } = push;
  const about = { event: "webhook", repository, branch, commit };
  const found = relay.sources.get(repository.toLowerCase()) ?? [];
  if (found.length === 0) logOutcome(relay, about, { kind: "ignored", reason: unknownSource });
  return settleAll(found, async (one) => {
    const result = await start(relay, one, push);
    logOutcome(relay, { ...about, pipeline: result.pipeline, run: result.run }, result.outcome);
    return result;
  });
}

async function start(
  relay: Relay,
  { pipeline, source }: PipelineOfSource,
  push: SourcePush,
): Promise<SourcePushResult> {
  const steps = stepsOfSource(pipeline, source, push);
  if (steps.kind === "none") {
    const outcome = { kind: "ignored", reason: steps.reason } as const;
    return { pipeline: pipeline.name, from: null, run: null, outcome };
  }
  const { outcome, state } = await apply(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "source",
    from: steps.from,
    // GitHub can deliver the same push again; the commit identifies it.
    seen: { name: `source ${source.repository} ${push.branch}`, value: push.commit },
  });
  return { pipeline: pipeline.name, from: steps.from, run: state.run?.id ?? null, outcome };
}
