// Says how a build of CodeBuild ended.
import type { BuildEnd } from "../../kinds/builder.ts";
import { consoleUrl } from "./console-url.ts";

export type EndedBuild = { project: string; id: string; end: BuildEnd };

const failures = ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"];

/** Null while it goes on. `phase` is the one that failed; its message is left out, because it may contain the command. */
export function endOfBuild(status: string, arn: string, phase: unknown): BuildEnd | null {
  if (status === "SUCCEEDED") return { kind: "succeeded" };
  if (!failures.includes(status)) return null;
  const where = typeof phase === "string" && /^[A-Z_]{1,30}$/.test(phase) ? ` in ${phase}` : "";
  const url = consoleUrl(arn);
  return { kind: "failed", reason: `CodeBuild: ${status}${where}${url === null ? "" : ` (${url})`}` };
}
