// Logs in to Amazon ECR with the credentials in the environment, which on AWS are those of the function's role.
import * as z from "zod/mini";
import type { CallAws } from "../../aws/call-aws.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { type Login, LoginError } from "../oci/authorize.ts";
import { ecrRegistryOf } from "./ecr-registry.ts";

/** Null for registries that are not of ECR. Throws a LoginError if ECR gives no token. */
export type LogInToEcr = (registry: string) => Promise<Login | null>;

/** A token is valid for twelve hours. It is not used in its last minutes, because ECR then answers 403 instead of 401. */
const marginMs = 10 * 60_000;

const answerSchema = z.object({
  authorizationData: z
    .array(z.object({ authorizationToken: z.string(), expiresAt: z.number() }))
    .check(z.minLength(1)),
});

export function createLogInToEcr(callAws: CallAws, clock: () => number): LogInToEcr {
  const known = new Map<string, Login & { untilMs: number }>();
  return async (registry) => {
    const found = ecrRegistryOf(registry);
    if (found === null) return null;
    // A token is for all registries of the region that the role may read, also those of other accounts.
    const kept = known.get(found.region);
    if (kept !== undefined && kept.untilMs > clock()) return kept;
    const login = await requestToken(callAws, found.region);
    known.set(found.region, login);
    return login;
  };
}

async function requestToken(callAws: CallAws, region: string): Promise<Login & { untilMs: number }> {
  const answer = await callAws({
    service: "ecr",
    region,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    },
    body: "{}",
    timeoutMs: 4_000,
    attempts: 3,
    maxTotalMs: 8_000,
  });
  if (answer.kind === "failed") throw new LoginError(`ECR gave no token (${answer.reason})`);
  const [data] = answerSchema.safeParse(parseJson(answer.text)).data?.authorizationData ?? [];
  const [, username, password] =
    /^([^:]+):(.+)$/s.exec(Buffer.from(data?.authorizationToken ?? "", "base64").toString()) ?? [];
  if (data === undefined || username === undefined || password === undefined) {
    throw new LoginError("ECR's answer contains no token (not shown)");
  }
  return { username, password, untilMs: data.expiresAt * 1000 - marginMs };
}
