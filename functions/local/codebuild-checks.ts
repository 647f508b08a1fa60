// Asks CodeBuild how its builds ended: EventBridge reports that to the stack on AWS, but not to this machine.
import { findStep } from "../../shared/pipeline/pipeline.ts";
import { lookUpBuilds } from "../../shared/relay/look-up-builds.ts";
import type { BuildToLookUp, Relay } from "../../shared/relay/relay.ts";
import { buildToLookUp } from "../../shared/run/build-to-look-up.ts";
import { hasCodebuild } from "./refuse-without-credentials.ts";

export function createCodebuildChecks(relay: Relay, isLive: boolean): () => Promise<void> {
  const pipelines = [...relay.pipelines.values()].filter(hasCodebuild);
  return async () => {
    if (!isLive || pipelines.length === 0) return;
    const states = await relay.store.loadMany(pipelines.map(({ name }) => name));
    const builds = pipelines.flatMap((pipeline): BuildToLookUp[] => {
      const run = states.get(pipeline.name)?.run;
      if (run?.status !== "running") return [];
      return run.steps.flatMap((stepRun) => {
        const { name: step, attempts: attempt } = stepRun;
        const build = buildToLookUp(stepRun, findStep(pipeline, step));
        if (build === null) return [];
        return [{ kind: "lookUpBuild", pipeline, runId: run.id, step, attempt, build, isLast: false }];
      });
    });
    await lookUpBuilds(relay, builds);
  };
}
