// Says what a webhook should have contained.
import type * as z from "zod/mini";
import type { RegistryWebhook } from "../kinds/registry.ts";

type Invalid = Extract<RegistryWebhook, { kind: "invalid" }>;

const typeNames = new Map<string, string>([
  ["string", "text"],
  ["array", "a list"],
]);

/** `webhook` is its name, such as `a Docker Hub push webhook`. */
export function invalidWebhook({ issues }: z.core.$ZodError, webhook: string): Invalid {
  const [issue] = issues;
  const path = issue === undefined || issue.path.length === 0 ? "the body" : issue.path.join(".");
  const type = issue?.code === "invalid_type" ? (typeNames.get(issue.expected) ?? "a map") : null;
  return expectedInWebhook(`${path} to be ${type ?? "text of 1 to 512 characters"}`, webhook);
}

export function expectedInWebhook(expected: string, webhook: string): Invalid {
  return { kind: "invalid", reason: `expected ${expected}, as in ${webhook}` };
}
