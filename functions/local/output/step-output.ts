// The output of a step of a run as events: of all its attempts from one on, until the step is over.
import { setTimeout as sleep } from "node:timers/promises";
import type { Relay } from "../../../shared/relay/relay.ts";
import { findStepRun, type Run, reasonOf } from "../../../shared/run/state.ts";
import { StoreUnavailableError } from "../../../shared/store/store.ts";
import type { CommandMachine } from "../commands/commands.ts";

/** Where a reader is: after so many bytes of an attempt, or after its end. */
export type Position = { attempt: number; offset: number; isEnded: boolean };

export type OutputEvent =
  | { kind: "output"; at: Position; text: string }
  | { kind: "omitted"; at: Position; bytes: number }
  /** An attempt has failed. Another may follow. */
  | { kind: "failed"; at: Position; reason: string }
  | { kind: "end"; outcome: OutputOutcome; reason: string | null };
export type OutputOutcome = "succeeded" | "failed" | "cancelled" | "skipped" | "fresh";

export type OutputSource = Pick<CommandMachine, "lastAttempt" | "followOutput">;
export type FollowStep = {
  runId: string;
  step: string;
  /** Null for the start of the last attempt. */
  after: Position | null;
  /** If `after` is null, begin with so many bytes before what is the end now. */
  tailBytes: number | null;
  signal: AbortSignal;
};

const waitMs = 500;

export async function* followStep(
  { store }: Pick<Relay, "store">,
  commands: OutputSource,
  { runId, step, after, tailBytes, signal }: FollowStep,
): AsyncGenerator<OutputEvent, void, undefined> {
  let position = after;
  while (!signal.aborted) {
    const last = await commands.lastAttempt(runId, step);
    if (last !== null && (position === null || !position.isEnded || last > position.attempt)) {
      const attempt = position === null ? last : position.isEnded ? position.attempt + 1 : position.attempt;
      const from = position === null ? startOf(tailBytes) : position.isEnded ? 0 : position.offset;
      position = { attempt, offset: from, isEnded: true };
      for await (const event of eventsOf(commands, { runId, step, attempt }, from, signal)) {
        yield event;
        if (event.kind === "end") return;
        position = { ...event.at, isEnded: true };
      }
      if (signal.aborted) return;
    }
    // The run may not have heard yet that the attempt is over.
    const end = await findEnd(store, runId, step, position?.attempt ?? 0);
    const newest = await commands.lastAttempt(runId, step);
    if (newest !== null && newest > (position?.attempt ?? 0)) continue;
    if (end !== null) return yield end;
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A negative position counts from the end. */
export function startOf(tailBytes: number | null): number {
  return tailBytes === null ? 0 : -tailBytes;
}

export async function* eventsOf(
  commands: OutputSource,
  key: { runId: string; step: string; attempt: number },
  from: number,
  signal: AbortSignal,
): AsyncGenerator<OutputEvent, void, undefined> {
  for await (const found of commands.followOutput(key, from, signal)) {
    const at = { attempt: key.attempt, offset: found.offset, isEnded: found.kind === "ended" };
    if (found.kind === "output") yield { kind: "output", at, text: found.text };
    else if (found.kind === "omitted") yield { kind: "omitted", at, bytes: found.bytes };
    else if (found.end.kind === "failed") yield { kind: "failed", at, reason: found.end.reason };
    else yield { kind: "end", outcome: "succeeded", reason: null };
  }
}

/** Null if another attempt may come, and while the store cannot be reached. */
async function findEnd(
  store: Relay["store"],
  runId: string,
  step: string,
  attempt: number,
): Promise<OutputEvent | null> {
  try {
    const run = await store.findRun(runId);
    return run === null ? { kind: "end", outcome: "cancelled", reason: null } : endOf(run, step, attempt);
  } catch (error) {
    if (error instanceof StoreUnavailableError) return null;
    throw error;
  }
}

function endOf(run: Run, step: string, attempt: number): OutputEvent | null {
  const stepRun = findStepRun(run, step);
  if (stepRun === undefined) return { kind: "end", outcome: "skipped", reason: null };
  const reason = reasonOf(stepRun);
  // Another attempt has been started since.
  if (stepRun.attempts > attempt && stepRun.state === "building") return null;
  switch (stepRun.state) {
    case "done":
      return { kind: "end", outcome: "succeeded", reason: null };
    case "skipped":
      return { kind: "end", outcome: run.status === "cancelled" ? "cancelled" : "skipped", reason };
    case "failed":
    case "fresh":
      return { kind: "end", outcome: stepRun.state, reason };
    default:
      return run.status === "running" ? null : { kind: "end", outcome: "cancelled", reason: null };
  }
}
