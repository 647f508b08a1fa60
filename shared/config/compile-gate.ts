// Compiles a gate: a step that builds nothing, where the run waits until a job or a person lets it continue.
import { placeholdersOfTrigger } from "../builders/builders.ts";
import { imagePlaceholders } from "../builders/placeholders.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { Step } from "../pipeline/pipeline.ts";
import { compileIdentity } from "./compile-identity.ts";
import type { StepDraft } from "./draft-steps.ts";
import { type Accounts, findAccount } from "./find-account.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

/** A person may be away for a while. */
const approvalTimeout = "7d";
const jobTimeout = "5h";

const imageSettings = ["done", "verify", "watch", "platforms", "paths", "upstream", "delay", "tags"] as const;

const jobSettings = ["identity", "account", "retries"] as const;

/** The pipeline's trigger builds images, so a gate has its own or none. */
export function compileGate(
  draft: StepDraft,
  pipeline: PipelineDocument,
  accounts: Accounts | null,
  report: Report,
): Step {
  const { name, after, settings, path } = draft;
  const trigger = settings.trigger ?? ({ kind: "approval" } as const);
  const isApproval = trigger.kind === "approval";
  for (const key of imageSettings) {
    if (settings[key] === undefined) continue;
    report([...path, key], `expected no "${key}" for a gate, which builds nothing`);
  }
  for (const key of isApproval ? jobSettings : []) {
    if (settings[key] === undefined) continue;
    report(
      [...path, key],
      `expected no "${key}" for a gate that a person approves; give the gate a "trigger" if a job passes it`,
    );
  }
  reportTrigger(trigger, path, report);
  const timeout = isApproval ? approvalTimeout : (pipeline.timeout ?? jobTimeout);
  return {
    name,
    image: null,
    after,
    trigger,
    account: isApproval ? null : findAccount(accounts, draft, trigger, pipeline.account),
    endedBy: "builder",
    identity: isApproval
      ? null
      : compileIdentity(settings.identity ?? pipeline.identity, trigger, path, report, []),
    verify: "off",
    watch: false,
    platforms: [],
    paths: [],
    upstreams: [],
    tags: [],
    delayMs: 0,
    timeoutMs: parseDuration(settings.timeout ?? timeout),
    retries: settings.retries ?? 0,
  };
}

function reportTrigger(trigger: Step["trigger"], path: readonly PropertyKey[], report: Report): void {
  if (trigger.kind === "dockerhub") {
    report(
      [...path, "trigger"],
      "expected github, gitlab, codebuild, http or command as the trigger of a gate, or none for an approval, found dockerhub, which builds images only",
    );
  }
  const names: readonly string[] = imagePlaceholders;
  const wrong = placeholdersOfTrigger(trigger).find((placeholder) => names.includes(placeholder));
  if (wrong === undefined) return;
  report(
    [...path, "trigger"],
    `expected no {${wrong}} in the trigger of a gate, which has no image; {base} has the images that come before it`,
  );
}
