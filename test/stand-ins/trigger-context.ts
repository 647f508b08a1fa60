// The context of a trigger in tests: really sends requests, with short time-outs.

import type { BuilderContext, BuildRequest } from "../../shared/kinds/builder.ts";
import { type Origins, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { withShortTimeout } from "./short-timeout.ts";

export const now = Date.UTC(2026, 10, 20, 3);

export const build: BuildRequest = {
  image: { repository: "acme/chain", tag: "step-1" },
  pipeline: "p",
  step: "s",
  runId: "p.run-1",
  attempt: 1,
  timeoutMs: 60_000,
  bases: [],
  tags: [],
  parameters: {},
};

const send = createSend();

export function triggerContext(
  origins: Partial<Origins>,
  secrets: Readonly<Record<string, string>>,
  clock = () => now,
): BuilderContext {
  return {
    send: withShortTimeout(send),
    origins: { ...realOrigins, ...origins },
    readSecret: async (name) => secrets[name] ?? null,
    commands: null,
    clock,
  };
}
