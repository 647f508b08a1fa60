// POST /hooks/done: a job reports how it ended, that of a step's image or of a gate. It proves who it is by an identity token of
// its own, or by the API token.
import type { Context } from "hono";
import * as z from "zod/mini";
import { audienceOf, isIdentityToken } from "../../identity/identity-token.ts";
import { createIssuerKeys, type ReadIssuerKeys } from "../../identity/issuer-keys.ts";
import type { Verified } from "../../identity/verify-token.ts";
import { httpsUrl } from "../../outgoing/https-url.ts";
import { findStep } from "../../pipeline/pipeline.ts";
import { receiveDone } from "../../relay/receive-done.ts";
import type { Relay } from "../../relay/relay.ts";
import { pipelineOfRunId } from "../../run/run-id.ts";
import { describeIssue, problemsOf } from "../../validation/expectation.ts";
import { bearerTokenOf, hasApiToken } from "../api-token.ts";
import { hookAnswer } from "./hook-answer.ts";
import { readHookBody } from "./hook-body.ts";
import { type Refusal, refuse } from "./refuse.ts";

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
type Job = z.infer<typeof job>;

export function createDoneHook(relay: Relay, readApiToken: () => Promise<string>) {
  const readKeys = createIssuerKeys(relay.builderContext.send, relay.clock);
  return async (c: Context): Promise<Response> => {
    const token = bearerTokenOf(c);
    const isByApiToken = await hasApiToken(c, readApiToken);
    if (!isByApiToken && (token === null || !isIdentityToken(token))) {
      return refuse(c, relay, unauthenticated(token === null ? "found none" : "found another token"));
    }
    const body = await readJob(c);
    if (body.kind === "refused") return refuse(c, relay, body.refusal);
    if (!isByApiToken) {
      const verified = await verifyIdentity(relay, body.job, token ?? "", readKeys);
      if (verified.kind === "refused") return refuse(c, relay, unauthenticated(verified.reason));
    }
    const { image = null, digest = null, url, ...rest } = body.job;
    const done = await receiveDone(relay, { ...rest, image, digest, url: httpsUrl(url) });
    return c.json(done.kind === "applied" ? hookAnswer([done.result], "") : hookAnswer([], done.reason));
  };
}

type ReadJob = { kind: "job"; job: Job } | { kind: "refused"; refusal: Refusal };

async function readJob(c: Context): Promise<ReadJob> {
  const body = await readHookBody(c, maxMib);
  if (body.kind === "refused") return body;
  const read = job.safeParse(body.value, { error: describeIssue, reportInput: true });
  if (read.success) return { kind: "job", job: read.data };
  const [first] = problemsOf(read.error);
  const path = (first?.path ?? []).join(".");
  return {
    kind: "refused",
    refusal: { status: 400, reason: `${path === "" ? "" : `${path}: `}${first?.message}` },
  };
}

async function verifyIdentity(
  relay: Relay,
  { run, step: name }: Job,
  token: string,
  readKeys: ReadIssuerKeys,
): Promise<Verified> {
  const pipeline = relay.pipelines.get(pipelineOfRunId(run) ?? "");
  const step = pipeline === undefined ? undefined : findStep(pipeline, name);
  if (step === undefined) return { kind: "refused", reason: "no pipeline has this run and this step" };
  const { identity } = step;
  if (identity === null) {
    return {
      kind: "refused",
      reason: `no job may report the end of step ${JSON.stringify(name)} by an identity token`,
    };
  }
  // Loaded only when needed: most installations never get such a token, and jose takes memory and time.
  const { verifyToken } = await import("../../identity/verify-token.ts");
  const verified = await verifyToken(token, identity, { run, step: name }, readKeys, relay.clock());
  if (verified.kind === "verified") return verified;
  const hint = `it has to be made for the audience ${audienceOf(run, name)}`;
  return { kind: "refused", reason: `${verified.reason} (step ${JSON.stringify(name)}; ${hint})` };
}

/** The answer does not tell what is wrong with a token. */
function unauthenticated(reason: string): Refusal {
  const expected =
    "expected the header Authorization with the API token or with an identity token of the step's job";
  return {
    status: 401,
    reason: `${expected}: ${reason}`,
    detail: `${expected}, found none that is valid`,
    headers: { "www-authenticate": "Bearer" },
  };
}
