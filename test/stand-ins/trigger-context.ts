// What a kind of trigger is given in a test: a real sender to a server of the test, with little patience.
import { type Origins, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import type { Build, TriggerContext } from "../../shared/triggers/trigger.ts";
import { hasty } from "./hasty.ts";

export const now = Date.UTC(2026, 10, 20, 3);

export const build: Build = {
  image: { repository: "acme/chain", tag: "step-1" },
  pipeline: "p",
  step: "s",
  runId: "p.run-1",
  attempt: 1,
  timeoutMs: 60_000,
};

const send = createSend();

export function triggerContext(
  origins: Partial<Origins>,
  secrets: Readonly<Record<string, string>>,
  clock = () => now,
): TriggerContext {
  return {
    send: hasty(send),
    origins: { ...realOrigins, ...origins },
    readSecret: async (name) => secrets[name] ?? null,
    commands: null,
    clock,
  };
}
