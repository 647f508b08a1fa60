// Asks CodeBuild how its builds ended: EventBridge reports that to the stack on AWS, but not to this machine.
import type { CallAws } from "../../shared/aws/call-aws.ts";
import { lookUpBuilds } from "../../shared/builders/codebuild/look-up-builds.ts";
import { findStep } from "../../shared/pipeline/pipeline.ts";
import { receiveBuildEnd } from "../../shared/relay/receive-build-end.ts";
import type { Relay } from "../../shared/relay/relay.ts";
import { isUnderWay } from "../../shared/run/state.ts";
import { hasCodebuild } from "./refuse-without-credentials.ts";

type Awaited = { region: string | null; id: string };

export function createCodebuildChecks(relay: Relay, callAws: CallAws | null): () => Promise<void> {
  const pipelines = [...relay.pipelines.values()].filter(hasCodebuild);
  return async () => {
    if (callAws === null || pipelines.length === 0) return;
    const states = await relay.store.loadMany(pipelines.map(({ name }) => name));
    const awaited = pipelines.flatMap((pipeline): Awaited[] => {
      const run = states.get(pipeline.name)?.run;
      if (run?.status !== "running") return [];
      return run.steps.flatMap((stepRun) => {
        const trigger = findStep(pipeline, stepRun.name)?.trigger;
        if (trigger?.kind !== "codebuild" || !isUnderWay(stepRun) || stepRun.build === null) return [];
        return { region: trigger.region ?? null, id: stepRun.build.id };
      });
    });
    for (const [region, builds] of Map.groupBy(awaited, (one) => one.region)) {
      const ids = builds.map(({ id }) => id);
      for (const { project, id, end } of await lookUpBuilds(callAws, region, ids)) {
        await receiveBuildEnd(relay, { builder: "codebuild", projects: [project], id, titles: [], end });
      }
    }
  };
}
