// Whose limit of builds at once counts for a step.
import type { TriggerSettings } from "../triggers/settings.ts";
import type { PipelineDocument } from "./config.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft, Report } from "./draft-steps.ts";
import type { Account } from "./pipeline.ts";

export type Accounts = ReadonlyMap<string, Account>;

/** What has the right form, also where other parts of the document have not. */
export function accountsOf(document: unknown): Accounts {
  const found = new Map<string, Account>();
  if (typeof document !== "object" || document === null || !("accounts" in document)) return found;
  const { accounts } = document;
  if (typeof accounts !== "object" || accounts === null) return found;
  for (const [name, limits] of Object.entries(accounts)) {
    const maxParallel: unknown = limits?.maxParallel;
    found.set(name, { name, maxParallel: typeof maxParallel === "number" ? maxParallel : 1 });
  }
  return found;
}

export function findAccount(
  accounts: Accounts,
  { image, own }: Draft,
  trigger: TriggerSettings,
  common: string | undefined,
): Account | null {
  if ("command" in trigger) return { name: "this machine", maxParallel: trigger.command.concurrency };
  const named = own.account ?? common;
  if (named !== undefined) return accounts.get(named) ?? null;
  // Docker Hub's own limit is that of a namespace.
  const [namespace = ""] = image.repository.split("/");
  return "dockerhub" in trigger ? (accounts.get(namespace) ?? null) : null;
}

export function reportAccounts(
  accounts: Accounts,
  { account: common, trigger }: Pick<PipelineDocument, "account" | "trigger">,
  drafts: readonly Draft[],
  report: Report,
): void {
  for (const { path, own } of drafts) {
    const builder = own.trigger ?? trigger;
    if (own.account === undefined || builder === undefined || !("command" in builder)) continue;
    report(
      [...path, "account"],
      'expected no account for a command, whose limit is its "concurrency", found one',
    );
  }
  const named = [
    { path: ["account"], account: common },
    ...drafts.map(({ path, own }) => ({ path: [...path, "account"], account: own.account })),
  ];
  for (const { path, account } of named) {
    if (account === undefined || accounts.has(account)) continue;
    const hint = didYouMean(account, [...accounts.keys()]);
    report(path, `expected an account that stands under "accounts", found ${JSON.stringify(account)}${hint}`);
  }
}
