// Starts a build by sending the request that the configuration describes.
import { type BuilderKind, type TriggerOutcome, triggerTimeoutMs } from "../../kinds/builder.ts";
import { redirectToStandIn, standInPath } from "../../outgoing/origins.ts";
import { fillIn, fillInAll, secretPlaceholder, type Values, valuesOf } from "../placeholders.ts";
import { accepted, readAnswer } from "../read-answer.ts";
import { noSecrets, readSecretValues } from "../read-secret-values.ts";
import type { HttpSettings } from "./settings.ts";

export const http: BuilderKind<HttpSettings> = {
  start: async (settings, build, { send, origins, readSecret, clock }) => {
    // Most requests contain no secret, and are sent without waiting.
    const secrets =
      settings.secrets.length === 0 ? noSecrets : await readSecretValues(settings.secrets, readSecret);
    if (secrets.kind !== "read") return secrets;
    const values = new Map([...valuesOf(build), ...secrets.values]);
    const { address, headers, body } = requestOf(settings, values);
    if (address === null) {
      return {
        kind: "rejected",
        reason: "expected a URL on the configured host, found something else (not shown)",
      };
    }
    for (const [name, value] of Object.entries(headers)) {
      // Sending would fail as if the host were unreachable, and be retried again and again.
      if (/^[\t\x20-\x7e]*$/.test(value)) continue;
      return {
        kind: "rejected",
        reason: `expected one line of ASCII for the header ${name}, found something else (not shown)`,
      };
    }
    const answer = await send({
      method: settings.method,
      url: redirectToStandIn(address, origins),
      headers,
      ...(body === null ? {} : { body }),
      timeoutMs: triggerTimeoutMs,
    });
    if (answer.kind !== "answered") return readAnswer(address.host, answer, clock);
    if (settings.ok?.includes(answer.status)) return accepted;
    return judgeAnswer(readAnswer(address.host, answer, clock), answer.status, settings, address.host);
  },
  secretsOf: ({ secrets }) => secrets,
  originsOf: ({ url }) => [originOf(url)],
  projectOf: () => null,
  identityOf: () => null,
  simulate: (settings, build, secret) => {
    const secrets = settings.secrets.map((name) => [secretPlaceholder(name), secret] as const);
    const { address, body } = requestOf(settings, new Map([...valuesOf(build), ...secrets]));
    if (address === null) return null;
    const request = { method: settings.method, path: standInPath(address), body: body ?? "" };
    return { request, status: settings.ok?.[0] ?? 202, text: "" };
  },
  endedBy: "push",
  localLimitOf: () => null,
};

function judgeAnswer(
  outcome: TriggerOutcome,
  status: number,
  { ok }: HttpSettings,
  host: string,
): TriggerOutcome {
  if (outcome.kind === "accepted" && ok !== null) {
    return { kind: "rejected", reason: `${host} answered ${status}; expected ${ok.join(" or ")}` };
  }
  if (outcome.kind === "rejected" && status >= 300 && status < 400) {
    return {
      ...outcome,
      reason: `${outcome.reason}: redirects are not followed; configure the URL that it redirects to`,
    };
  }
  return outcome;
}

/** The address is null if the values would lead to another host. */
function requestOf(
  { url, headers, body, bodyForm }: HttpSettings,
  values: Values,
): { address: URL | null; headers: Record<string, string>; body: string | null } {
  const address = URL.parse(fillIn(url, values, encodeURIComponent));
  return {
    address: address?.origin === originOf(url) ? address : null,
    headers: fillInAll(headers, values),
    body: body === null ? null : fillIn(body, values, escapers[bodyForm]),
  };
}

/** What makes a value unable to end the text around it. */
const escapers: Record<HttpSettings["bodyForm"], (value: string) => string> = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: encodeURIComponent,
  text: (value) => value,
};

/** The host contains no placeholders. */
function originOf(url: string): string {
  return new URL(url).origin;
}
