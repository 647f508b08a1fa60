// Reads the id and page of the build that an accepting answer names. Without them, the answer still accepts.
import type { BuildReference, TriggerOutcome } from "../kinds/builder.ts";
import { httpsUrl } from "../outgoing/https-url.ts";
import type { Answer } from "../outgoing/send.ts";
import { parseJsonFields } from "../validation/parse-json.ts";

/** The fields of the builder's answer that hold the build's number and its page. */
export type ReferenceFields = { id: string; url: string };

export function withBuildReference(
  outcome: TriggerOutcome,
  answer: Answer,
  fields: ReferenceFields,
): TriggerOutcome {
  if (outcome.kind !== "accepted" || answer.kind !== "answered") return outcome;
  return { ...outcome, build: readBuildReference(answer.text, fields) };
}

function readBuildReference(text: string, fields: ReferenceFields): BuildReference | null {
  const found = parseJsonFields(text);
  const id = found[fields.id];
  if ((typeof id !== "number" && typeof id !== "string") || !/^\d{1,20}$/.test(String(id))) return null;
  return { id: String(id), url: httpsUrl(found[fields.url]) };
}
