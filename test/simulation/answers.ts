// Answers of simulated hosts.
import type { Answer } from "../../shared/outgoing/send.ts";

export type Answered = (status: number, text?: string, headers?: Readonly<Record<string, string>>) => Answer;

/** Every answer has a `Date` header. */
export function createAnswered(now: () => number): Answered {
  return (status, text = "", headers = {}) => {
    const all: Readonly<Record<string, string>> = { date: new Date(now()).toUTCString(), ...headers };
    return { kind: "answered", status, text, header: (name) => all[name] ?? null };
  };
}

export const unanswered: Answer = { kind: "unanswered", reason: "cut" };
export const unsent: Answer = { kind: "unsent", reason: "the connection was refused" };
