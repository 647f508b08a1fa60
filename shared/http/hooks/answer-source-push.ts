// Does what a webhook about pushes to a repository reports, and answers it.
import type { Context } from "hono";
import type { SourceHost } from "../../kinds/source.ts";
import { receiveSourcePush, type SourcePushResult, unknownSource } from "../../relay/receive-source-push.ts";
import type { Relay } from "../../relay/relay.ts";
import type { ReadSourcePush, ReadSourcePushes } from "../../sources/source-push.ts";
import { hookAnswer } from "./hook-answer.ts";
import { ignoreWebhook } from "./ignore-webhook.ts";
import { refuse } from "./refuse.ts";

export async function answerSourcePush(
  c: Context,
  relay: Relay,
  { host, event }: { host: SourceHost; event: string },
  found: ReadSourcePush | ReadSourcePushes,
): Promise<Response> {
  if (found.kind === "notPush") return refuse(c, relay, { status: 400, reason: found.reason });
  if (found.kind === "ignored") return ignoreWebhook(c, relay, { [host]: event }, found.reason);
  const results: SourcePushResult[] = [];
  // One after another: several of them may start runs of the same pipeline.
  for (const push of found.kind === "pushes" ? found.pushes : [found]) {
    results.push(...(await receiveSourcePush(relay, { host, ...push })));
  }
  return c.json(hookAnswer(results, unknownSource));
}
