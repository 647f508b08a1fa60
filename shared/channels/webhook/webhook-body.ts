// The JSON of the webhook channel, documented in docs/configuration.md.
import type { Notice } from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { linesOf } from "../notice-text.ts";

const maxReason = 2_000;

export function webhookBody(notice: Notice) {
  const { id, subject, pipeline, runId, at, since, title, steps, stepsLeftOut, url } = notice;
  return {
    id,
    event: subject,
    pipeline,
    run: runId,
    at: new Date(at).toISOString(),
    since: since === null ? null : new Date(since).toISOString(),
    title,
    text: linesOf(notice, { maxSteps: 20, maxLine: maxReason }).join("\n"),
    steps: steps.map(({ name, reason, attempts, triedSince, url: build }) => ({
      name,
      reason: fitInto(reason, maxReason),
      attempts,
      triedSince: triedSince === null ? null : new Date(triedSince).toISOString(),
      build,
    })),
    ...(stepsLeftOut === 0 ? {} : { stepsLeftOut }),
    url,
  };
}
