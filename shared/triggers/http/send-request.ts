// Starts a build by the request that the configuration describes.
import { triggerTimeoutMs } from "../../core/timing.ts";
import { atStandIn } from "../../outgoing/origins.ts";
import { fillIn, fillInAll, type Values, valuesOf } from "../placeholders.ts";
import { accepted, missingSecret, readAnswer, type TriggerKind, type TriggerOutcome } from "../trigger.ts";
import type { HttpSettings } from "./settings.ts";

export const http: TriggerKind<HttpSettings> = {
  start: async (settings, build, { send, origins, readSecret, clock }) => {
    const values = new Map(valuesOf(build));
    for (const name of settings.secrets) {
      const secret = await readSecret(name);
      if (secret === null) return missingSecret(name);
      values.set(`secret:${name}`, secret.trim());
    }
    const { address, headers, body } = requestOf(settings, values);
    if (address === null)
      return { kind: "rejected", reason: "expected a URL of the host that is configured, found none" };
    for (const [name, value] of Object.entries(headers)) {
      // What no header can carry would look like a host that cannot be asked, and be tried again and again.
      if (/^[\t\x20-\x7e]*$/.test(value)) continue;
      return {
        kind: "rejected",
        reason: `expected a line of ASCII for the header ${name}, found something else (not shown)`,
      };
    }
    const answer = await send({
      method: settings.method,
      url: atStandIn(address, origins),
      headers,
      ...(body === null ? {} : { body }),
      timeoutMs: triggerTimeoutMs,
    });
    if (answer.kind !== "answered") return readAnswer(address.host, answer, clock);
    if (settings.ok?.includes(answer.status)) return accepted;
    return explain(readAnswer(address.host, answer, clock), answer.status, settings, address.host);
  },
  secretsOf: ({ secrets }) => secrets,
  // An address of this machine may be asked in any case.
  originsOf: ({ url }) => [originOf(url)],
};

function explain(
  outcome: TriggerOutcome,
  status: number,
  { ok }: HttpSettings,
  host: string,
): TriggerOutcome {
  if (outcome.kind === "accepted" && ok !== null) {
    return { kind: "rejected", reason: `${host} answered ${status}, expected was ${ok.join(" or ")}` };
  }
  if (outcome.kind === "rejected" && status >= 300 && status < 400) {
    return {
      ...outcome,
      reason: `${outcome.reason}: redirects are not followed; name the URL that it leads to`,
    };
  }
  return outcome;
}

/** What is asked for, and where; no address where it would be another host's. */
export function requestOf(
  { url, headers, body, bodyForm }: HttpSettings,
  values: Values,
): { address: URL | null; headers: Record<string, string>; body: string | null } {
  const address = URL.parse(fillIn(url, values, encodeURIComponent));
  return {
    address: address?.origin === originOf(url) ? address : null,
    headers: fillInAll(headers, values),
    body: body === null ? null : fillIn(body, values, writers[bodyForm]),
  };
}

/** So that no value ends the text that it stands in. */
const writers: Record<HttpSettings["bodyForm"], (value: string) => string> = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: encodeURIComponent,
  text: (value) => value,
};

/** Placeholders stand behind the host alone. */
function originOf(url: string): string {
  return new URL(url).origin;
}
