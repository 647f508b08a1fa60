// What every kind of trigger does: it asks for one build, once, and tells what became of that.
import type { TriggerFailure } from "../core/event.ts";
import type { Image } from "../core/image.ts";
import type { Ticket } from "../core/run.ts";
import type { Origins } from "../outgoing/origins.ts";
import { readRetryAfter } from "../outgoing/retry-after.ts";
import type { Answer, Send } from "../outgoing/send.ts";

export type Build = {
  image: Image;
  pipeline: string;
  step: string;
  runId: string;
  attempt: number;
  /** How long it may take. */
  timeoutMs: number;
};
/** With the ticket where whoever builds gives one. */
export type TriggerOutcome = { kind: "accepted"; ticket: Ticket | null } | TriggerFailure;
export const accepted: TriggerOutcome = { kind: "accepted", ticket: null };

/** The value of a secret, or null where it is missing. */
export type ReadSecret = (name: string) => Promise<string | null>;

/** A command of this machine, ready to be run. */
export type Command = {
  /** A line for the shell, or a program and its arguments. */
  run: string | readonly string[];
  directory: string | null;
  environment: Readonly<Record<string, string>>;
  /** The values of secrets that the environment has: they are shown nowhere. */
  secrets: readonly string[];
};
/** The machine that commands run on. */
export type Commands = {
  /** Begins one for a build; how it ends is told later. */
  run: (command: Command, build: Build) => Promise<TriggerOutcome>;
  /** Ends one before its time, if it is there. */
  stop: (build: Pick<Build, "runId" | "step" | "attempt">) => Promise<void>;
  /** What is kept of the output of an attempt, or of the last one; null where there is none. */
  readOutput: (runId: string, step: string, attempt: number | null) => Promise<string | null>;
};

export type TriggerContext = {
  send: Send;
  origins: Origins;
  readSecret: ReadSecret;
  /** Null where there is no machine to run one on. */
  commands: Commands | null;
  clock: () => number;
};

/** A kind of trigger: what stands in a folder beside this file, and what its settings need. */
export type TriggerKind<Settings> = {
  start: (settings: Settings, build: Build, context: TriggerContext) => Promise<TriggerOutcome>;
  /** The names of the secrets that it needs. */
  secretsOf: (settings: Settings) => string[];
  /** The origins that it asks beside those that are known to everyone. */
  originsOf: (settings: Settings) => string[];
};

export function missingSecret(name: string): TriggerFailure {
  return { kind: "rejected", reason: `the secret ${name} is missing` };
}

/** A rejection, and what to do about it. */
export function advise(
  outcome: TriggerOutcome,
  answer: Answer,
  adviceFor: (status: number) => string | null,
): TriggerOutcome {
  if (outcome.kind !== "rejected" || answer.kind !== "answered") return outcome;
  const advice = adviceFor(answer.status);
  return advice === null ? outcome : { ...outcome, reason: `${outcome.reason}: ${advice}` };
}

/** What an answer means whoever gave it; `who` names them. */
export function readAnswer(who: string, answer: Answer, clock: () => number): TriggerOutcome {
  if (answer.kind === "unsent") {
    return {
      kind: "refused",
      reason: `${who} could not be asked: ${answer.reason}`,
      retryAfterMs: null,
    };
  }
  if (answer.kind === "unanswered") return { kind: "unknown", reason: `${who}: ${answer.reason}` };
  const { status } = answer;
  if (status >= 200 && status < 300) return accepted;
  const retryAfterMs = readRetryAfter(answer.header("retry-after"), clock());
  // GitHub's rate limit is a 403 that tells when to come back.
  const comeBack = retryAfterMs !== null && status >= 400;
  if (comeBack || status === 408 || status === 425 || status === 429 || status >= 500) {
    return {
      kind: "refused",
      reason: `${who} answered ${status}`,
      retryAfterMs,
    };
  }
  return { kind: "rejected", reason: `${who} answered ${status}` };
}
