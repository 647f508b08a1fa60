// POST /hooks/done: a job reports that it has built a step's image, or failed to.
import type { Context } from "hono";
import * as z from "zod/mini";
import { httpsUrl } from "../../outgoing/https-url.ts";
import { receiveDone } from "../../relay/receive-done.ts";
import type { Relay } from "../../relay/relay.ts";
import { describeIssue, problemsOf } from "../../validation/expectation.ts";
import { hasApiToken } from "../api-token.ts";
import { hookAnswer } from "./hook-answer.ts";
import { readHookBody } from "./hook-body.ts";
import { refuse, refuseUnauthenticated } from "./refuse.ts";

const maxMib = 1;

const job = z.strictObject({
  run: z.string(),
  step: z.string(),
  image: z.optional(z.string()),
  digest: z.optional(
    z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/, "expected a digest such as sha256:…")),
  ),
  conclusion: z.enum(["success", "failure"]),
  url: z.optional(z.string()),
});

export function createDoneHook(relay: Relay, readApiToken: () => Promise<string>) {
  return async (c: Context): Promise<Response> => {
    if (!(await hasApiToken(c, readApiToken))) {
      return refuseUnauthenticated(c, relay, "Authorization", "the API token");
    }
    const body = await readHookBody(c, maxMib);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    const read = job.safeParse(body.value, { error: describeIssue, reportInput: true });
    if (!read.success) {
      const [first] = problemsOf(read.error);
      const path = (first?.path ?? []).join(".");
      return refuse(c, relay, { status: 400, reason: `${path === "" ? "" : `${path}: `}${first?.message}` });
    }
    const { image = null, digest = null, url, ...rest } = read.data;
    const done = await receiveDone(relay, { ...rest, image, digest, url: httpsUrl(url) });
    return c.json(done.kind === "applied" ? hookAnswer([done.result], "") : hookAnswer([], done.reason));
  };
}
