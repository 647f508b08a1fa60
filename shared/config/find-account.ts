// Finds the account whose limit on parallel builds applies to a step.
import { localLimitOfTrigger } from "../builders/builders.ts";
import type { TriggerSettings } from "../builders/settings.ts";
import type { Account } from "../pipeline/pipeline.ts";
import { didYouMean } from "../validation/did-you-mean.ts";
import type { StepDraft } from "./draft-steps.ts";
import { accountGrammar } from "./grammar.ts";
import { isEntries } from "./map-texts.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

export type Accounts = ReadonlyMap<string, Account>;

/** An account with errors counts, so that its name is known. Null if the accounts cannot be read. */
export function readAccounts(accounts: unknown): Accounts | null {
  if (accounts === undefined) return new Map();
  if (!isEntries(accounts)) return null;
  return new Map(
    Object.entries(accounts).map(([name, limits]) => {
      const { data } = accountGrammar.safeParse(limits);
      return [name, { name, maxParallel: data?.maxParallel ?? 1 }];
    }),
  );
}

export function findAccount(
  accounts: Accounts | null,
  { image, settings }: StepDraft,
  trigger: TriggerSettings,
  pipelineAccount: string | undefined,
): Account | null {
  const localLimit = localLimitOfTrigger(trigger);
  if (localLimit !== null) return { name: "this machine", maxParallel: localLimit };
  const name = settings.account ?? pipelineAccount;
  if (name !== undefined) return accounts?.get(name) ?? null;
  // Docker Hub's own limit applies to a namespace.
  const [namespace = ""] = image?.repository.split("/") ?? [];
  return trigger.kind === "dockerhub" ? (accounts?.get(namespace) ?? null) : null;
}

export function reportAccounts(
  accounts: Accounts | null,
  { account: pipelineAccount, trigger: pipelineTrigger }: Pick<PipelineDocument, "account" | "trigger">,
  drafts: readonly StepDraft[],
  report: Report,
): void {
  for (const { path, settings, image } of drafts) {
    // A gate has no image, and a trigger of its own or none.
    const trigger = settings.trigger ?? (image === null ? undefined : pipelineTrigger);
    if (settings.account === undefined || trigger === undefined) continue;
    if (localLimitOfTrigger(trigger) === null) continue;
    report(
      [...path, "account"],
      'expected no account for a command, whose limit is its "concurrency", found one',
      settings.trigger === undefined ? [["trigger"]] : [],
    );
  }
  if (accounts === null) return;
  const named = [
    { path: ["account"], name: pipelineAccount },
    ...drafts.map(({ path, settings }) => ({ path: [...path, "account"], name: settings.account })),
  ];
  for (const { path, name } of named) {
    if (name === undefined || accounts.has(name)) continue;
    const hint = didYouMean(name, [...accounts.keys()]);
    report(path, `expected an account defined under "accounts", found ${JSON.stringify(name)}${hint}`);
  }
}
