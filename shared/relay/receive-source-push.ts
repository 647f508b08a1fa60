// A webhook reports a push to a repository: it starts a run of each pipeline that has the repository as its source.
import type { Parameters } from "../image/tag-parameters.ts";
import type { Pipeline, Source } from "../pipeline/pipeline.ts";
import type { Outcome } from "../run/event.ts";
import type { Seen } from "../run/state.ts";
import type { SourcePush } from "../sources/source-push.ts";
import { apply } from "./apply.ts";
import { logOutcome } from "./log-outcome.ts";
import { parametersOfTag } from "./parameters-of-tag.ts";
import { newRunId, type Relay } from "./relay.ts";
import { settleAll } from "./settle-all.ts";
import { type PipelineOfSource, sourceKey, stepsOfSource } from "./steps-of-source.ts";

export type SourcePushResult = {
  pipeline: string;
  /** The steps that the run starts at; null for the whole pipeline, or if no run starts. */
  from: string[] | null;
  run: string | null;
  outcome: Outcome;
};

export const unknownSource = "no pipeline has this repository as its source";

export async function receiveSourcePush(relay: Relay, push: SourcePush): Promise<SourcePushResult[]> {
  const { host, repository, commit } = push;
  const ref = push.kind === "push" ? { branch: push.branch } : { tag: push.tag };
  const about = { event: "webhook", repository, ...ref, commit };
  const found = relay.sources.get(sourceKey(host, repository)) ?? [];
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
  const starts = startsOf(pipeline, source, push);
  if (starts.kind === "none") {
    const outcome = { kind: "ignored", reason: starts.reason } as const;
    return { pipeline: pipeline.name, from: null, run: null, outcome };
  }
  const { kind: _, ...request } = starts;
  const { outcome, state } = await apply(relay, pipeline, {
    kind: "runRequested",
    newRunId: newRunId(relay, pipeline),
    cause: "source",
    ...request,
  });
  return { pipeline: pipeline.name, from: starts.from, run: state.run?.id ?? null, outcome };
}

type Starts =
  | { kind: "starts"; from: string[] | null; seen: Seen; parameters?: Parameters }
  | { kind: "none"; reason: string };

/** A host can deliver the same push again; the commit identifies it. */
function startsOf(pipeline: Pipeline, source: Source, push: SourcePush): Starts {
  const prefix = "source";
  if (push.kind === "push") {
    const steps = stepsOfSource(pipeline, source, push);
    const seen = { name: `${prefix} ${source.repository} ${push.branch}`, value: push.commit };
    return steps.kind === "none" ? steps : { kind: "starts", from: steps.from, seen };
  }
  const parameters = parametersOfTag(pipeline, push.tag);
  if (parameters === null) return { kind: "none", reason: "pushes of this tag start nothing" };
  // One value for all tags: one for each would grow without a limit.
  const seen = { name: `${prefix} ${source.repository} tags`, value: `${push.tag} ${push.commit}` };
  return { kind: "starts", from: null, seen, parameters };
}
