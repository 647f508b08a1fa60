// Asks builders how builds ended, about many at a time, and turns their answers into events.
import { lookUpBuilds } from "../builders/builders.ts";
import type { BuildAnswer } from "../kinds/builder.ts";
import { findStep } from "../pipeline/pipeline.ts";
import type { Event } from "../run/event.ts";
import type { BuildToLookUp, Relay } from "./relay.ts";

export type AnsweredBuild = { asked: BuildToLookUp; event: Event };

/** The events of those builds whose answer changes something. */
export async function askBuilders(relay: Relay, builds: readonly BuildToLookUp[]): Promise<AnsweredBuild[]> {
  const known = builds.flatMap((asked) => {
    const settings = findStep(asked.pipeline, asked.step)?.trigger;
    return settings === undefined ? [] : [{ asked, settings, id: asked.build.id }];
  });
  const answers = await lookUpBuilds(known, relay.builderContext);
  return known.flatMap(({ asked }, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    logAnswer(relay, asked, answer);
    const event = eventOf(relay, asked, answer);
    return event === null ? [] : [{ asked, event }];
  });
}

function eventOf({ random }: Relay, asked: BuildToLookUp, answer: BuildAnswer): Event | null {
  const { runId, step, attempt, isLast } = asked;
  const about = { runId, step, attempt, random: random() };
  if (answer.kind === "ended") return { kind: "buildEnded", ...about, end: answer.end };
  return isLast ? { kind: "buildNotEnded", ...about, answer } : null;
}

function logAnswer(
  relay: Relay,
  { pipeline, runId, step, build, isLast }: BuildToLookUp,
  answer: BuildAnswer,
) {
  if (answer.kind === "running" && !isLast) return;
  relay.log(answer.kind === "unknown" ? "warn" : "info", {
    event: "build.lookedUp",
    pipeline: pipeline.name,
    run: runId,
    step,
    build: build.id,
    answer: answer.kind === "ended" ? answer.end.kind : answer.kind,
    ...("reason" in answer ? { reason: answer.reason } : {}),
  });
}
