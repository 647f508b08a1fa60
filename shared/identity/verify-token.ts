// Decides whether an identity token (OIDC) proves that a job may report the end of a step's build.
import { JWKSNoMatchingKey } from "jose/errors";
import { createLocalJWKSet } from "jose/jwks/local";
import { jwtVerify } from "jose/jwt/verify";
import type { JobIdentity } from "../kinds/builder.ts";
import { audienceOf } from "./identity-token.ts";
import type { ReadIssuerKeys } from "./issuer-keys.ts";

export type Verified = { kind: "verified" } | { kind: "refused"; reason: string };

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const clockToleranceSeconds = 60;

export async function verifyToken(
  token: string,
  { issuer, claims }: JobIdentity,
  { run, step }: { run: string; step: string },
  readKeys: ReadIssuerKeys,
  now: number,
): Promise<Verified> {
  const verify = async (isStale: boolean) => {
    const read = await readKeys(issuer, isStale);
    if (read.kind === "unknown") return { kind: "refused", reason: read.reason } as const;
    const { payload } = await jwtVerify(token, createLocalJWKSet(read.keys), {
      issuer,
      audience: audienceOf(run, step),
      algorithms,
      currentDate: new Date(now),
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["exp"],
    });
    return compareClaims(payload, claims);
  };
  const refused = (error: unknown): Verified => {
    const reason = error instanceof Error ? error.message : "the token cannot be read";
    return { kind: "refused", reason: `the token is not valid: ${reason}` };
  };
  return verify(false).catch((error: unknown) =>
    error instanceof JWKSNoMatchingKey ? verify(true).catch(refused) : refused(error),
  );
}

/** The names of repositories and projects, which GitHub and GitLab do not distinguish by case. */
const caseless = ["repository", "project_path"];

function compareClaims(payload: Readonly<Record<string, unknown>>, claims: JobIdentity["claims"]): Verified {
  for (const [name, expected] of Object.entries(claims)) {
    const found = payload[name];
    const text =
      typeof found === "string" || typeof found === "number" || typeof found === "boolean"
        ? String(found)
        : null;
    const isSame = caseless.includes(name)
      ? text?.toLowerCase() === expected.toLowerCase()
      : text === expected;
    if (isSame) continue;
    const shown = text === null ? "none" : JSON.stringify(text);
    return {
      kind: "refused",
      reason: `expected the claim ${name} to be ${JSON.stringify(expected)}, found ${shown}`,
    };
  }
  return { kind: "verified" };
}
