// Loads what the page of a run shows.
import type { Relay } from "../../relay/relay.ts";
import { findStepRun, isUnderWay, type Run } from "../../run/state.ts";
import type { Wanted } from "./listing.ts";
import type { RunView } from "./run-view.ts";

/** `outputOf` is the step whose output was requested. Output is for signed-in viewers only. */
export async function loadRunView(
  relay: Relay,
  id: string,
  isSignedIn: boolean,
  outputOf: string | null,
  wanted: Wanted,
): Promise<RunView | null> {
  const run = await relay.store.findRun(id);
  if (run === null) return null;
  const pipeline = relay.pipelines.get(run.pipeline) ?? null;
  const { state } = await relay.store.load(run.pipeline);
  return {
    run,
    pipeline,
    state: pipeline === null ? null : state,
    wanted,
    isLatest: state.run?.id === run.id,
    isIdle: state.run?.status !== "running",
    output: isSignedIn ? await readOutput(relay, run, outputOf) : null,
  };
}

/** The output of the requested step, or else of one that failed or is building. */
async function readOutput(relay: Relay, run: Run, requested: string | null): Promise<RunView["output"]> {
  const { commands } = relay.builderContext;
  const stepRun =
    (requested === null ? undefined : findStepRun(run, requested)) ??
    run.steps.find(({ state }) => state === "failed") ??
    run.steps.find(({ state }) => state === "building");
  if (commands === null || stepRun === undefined) return null;
  const text = await commands.readOutput(run.id, stepRun.name, null);
  const isOpen = run.status === "running" && isUnderWay(stepRun);
  return text === null ? null : { step: stepRun.name, text, isOpen };
}
