// Whose limit of builds at once counts for a step.
import type { TriggerSettings } from "../triggers/settings.ts";
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
  { image, own, path }: Draft,
  trigger: TriggerSettings,
  common: string | undefined,
  report: Report,
): Account | null {
  const named = own.account ?? common;
  if (named === undefined) {
    // Docker Hub's own limit is that of a namespace.
    const [namespace = ""] = image.repository.split("/");
    return "dockerhub" in trigger ? (accounts.get(namespace) ?? null) : null;
  }
  const account = accounts.get(named);
  if (account === undefined) {
    report(
      own.account === undefined ? ["account"] : [...path, "account"],
      `expected an account that stands under "accounts", found ${JSON.stringify(named)}${didYouMean(named, [...accounts.keys()])}`,
    );
  }
  return account ?? null;
}
