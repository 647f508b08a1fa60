// The output of a build as events: it waits for its turn, and goes on until the build is over.
import { setTimeout as sleep } from "node:timers/promises";
import { eventsOf, type OutputEvent, type Position, startOf } from "../output/step-output.ts";
import { isOver } from "./build-files.ts";
import type { Builds } from "./builds.ts";
import { buildStep, keyOf } from "./run-build.ts";

const waitMs = 200;

export async function* followBuild(
  { find, commands }: Pick<Builds, "find" | "commands">,
  id: string,
  { after, tailBytes, signal }: { after: Position | null; tailBytes: number | null; signal: AbortSignal },
): AsyncGenerator<OutputEvent, void, undefined> {
  let isRead = after?.isEnded ?? false;
  while (!signal.aborted) {
    // Before the look at the files: an ended build has all of its output.
    const build = find(id);
    if (!isRead && (await commands.lastAttempt(id, buildStep)) !== null) {
      isRead = true;
      const from = after?.offset ?? startOf(tailBytes);
      for await (const event of eventsOf(commands, keyOf(id), from, signal)) {
        if (event.kind !== "end") yield event;
      }
      continue;
    }
    if (build === null) return yield { kind: "end", outcome: "cancelled", reason: null };
    if (isOver(build)) return yield endOf(build);
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

function endOf({ status, reason }: { status: string; reason: string | null }): OutputEvent {
  const outcome = status === "succeeded" || status === "cancelled" ? status : "failed";
  return { kind: "end", outcome, reason };
}
