// Reads the event by which AWS CodeBuild reports to EventBridge how a build ended.
import * as z from "zod/mini";
import { type EndedBuild, endOfBuild } from "./end-of-build.ts";

const text = z.string().check(z.maxLength(512));
const variable = z.object({ name: text, value: z.string() });

/** The rest of the event is not needed, and may be missing. */
const details = z.object({
  environment: z.object({ "environment-variables": z.array(z.catch(z.nullable(variable), null)) }),
});
const phases = z.object({
  phases: z.array(
    z.object({ "phase-type": z.optional(z.unknown()), "phase-status": z.optional(z.unknown()) }),
  ),
});

const event = z.object({
  detail: z.object({
    "build-status": text,
    "project-name": text,
    /** An ARN that ends with `build/<project>:<id>`. */
    "build-id": z.string().check(z.regex(/^arn:[\w:-]+:build\/[\w-]+:[\w-]+$/), z.maxLength(512)),
    "additional-information": z.optional(z.unknown()),
  }),
});

export type CodebuildBuild =
  /** `title` names the run and the step, in case the answer to the trigger was lost. */
  | ({ kind: "ended"; title: string } & EndedBuild)
  | { kind: "ignored"; reason: string }
  | { kind: "invalid"; reason: string };

export function readCodebuildEvent(body: unknown): CodebuildBuild {
  const { data } = event.safeParse(body);
  if (data === undefined) {
    return {
      kind: "invalid",
      reason:
        "expected detail.build-status, detail.project-name and the ARN detail.build-id, as in a CodeBuild Build State Change of EventBridge",
    };
  }
  const { "build-status": status, "project-name": project, "build-id": arn } = data.detail;
  const more = data.detail["additional-information"];
  const end = endOfBuild(status, arn, failedPhaseOf(more));
  if (end === null) return { kind: "ignored", reason: "the build has not ended" };
  const id = arn.slice(arn.indexOf(":build/") + ":build/".length);
  return { kind: "ended", project, id, title: titleOf(more), end };
}

function titleOf(more: unknown): string {
  const variables = details.safeParse(more).data?.environment["environment-variables"] ?? [];
  const of = (name: string) => variables.find((one) => one?.name === name)?.value ?? "";
  return `${of("TAGRELAY_RUN")} ${of("TAGRELAY_STEP")}`;
}

function failedPhaseOf(more: unknown): unknown {
  const all = phases.safeParse(more).data?.phases ?? [];
  const failed = all.find(
    ({ "phase-status": status }) => typeof status === "string" && status !== "SUCCEEDED",
  );
  return failed?.["phase-type"];
}
