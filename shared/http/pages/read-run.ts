// Reads what the page of a run shows.
import type { Run } from "../../core/run.ts";
import type { Relay } from "../../relay/relay.ts";
import type { RunView } from "./run-page.ts";

/** `wanted` is the step whose output is asked for; output is for those alone who are signed in. */
export async function readRun(
  relay: Relay,
  id: string,
  isSignedIn: boolean,
  wanted: string | null,
): Promise<RunView | null> {
  const run = await relay.store.findRun(id);
  if (run === null) return null;
  const pipeline = relay.pipelines.get(run.pipeline) ?? null;
  const { state } = await relay.store.load(run.pipeline);
  return {
    run,
    pipeline,
    isLatest: state.run?.id === run.id,
    isIdle: state.run?.status !== "running",
    output: isSignedIn ? await readOutput(relay, run, wanted) : null,
  };
}

/** Of the step that is asked for, or else of one that has failed or is being built. */
async function readOutput(relay: Relay, run: Run, wanted: string | null): Promise<RunView["output"]> {
  const { commands } = relay.triggers;
  const step =
    run.steps.find(({ name }) => name === wanted) ??
    run.steps.find(({ state }) => state === "failed") ??
    run.steps.find(({ state }) => state === "building");
  if (commands === null || step === undefined) return null;
  const text = await commands.readOutput(run.id, step.name, null);
  return text === null ? null : { step: step.name, text };
}
