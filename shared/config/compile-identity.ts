// Compiles `identity`: which jobs may report the end of a step's build without the API token.
import { identityOfTrigger } from "../builders/builders.ts";
import type { JobIdentity } from "../kinds/builder.ts";
import { isOnThisMachine } from "../outgoing/origins.ts";
import type { Step } from "../pipeline/pipeline.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Path, Report } from "./report.ts";

export function compileIdentity(
  identity: PipelineDocument["identity"],
  trigger: Step["trigger"],
  path: Path,
  report: Report,
  triggerAt: readonly Path[],
): JobIdentity | null {
  const own = identityOfTrigger(trigger);
  if (identity === undefined) return own;
  const { issuer = own?.issuer, claims = {} } = identity;
  const at = [...path, "identity"];
  if (issuer === undefined) {
    report([...at, "issuer"], `expected the URL of an issuer for a ${trigger.kind} trigger, found none`, [
      ...triggerAt,
      [...at, "issuer"],
    ]);
    return null;
  }
  const url = URL.parse(issuer);
  if (url === null || (url.protocol !== "https:" && !isOnThisMachine(url))) {
    report([...at, "issuer"], `expected an https URL, found ${JSON.stringify(issuer)}`);
  }
  const all = { ...(issuer === own?.issuer ? own.claims : {}), ...claims };
  if (Object.keys(all).length === 0) {
    report(
      [...at, "claims"],
      "expected at least one claim, found none: anybody could get a token of this issuer",
      [...triggerAt, at],
    );
  }
  return { issuer, claims: all };
}
