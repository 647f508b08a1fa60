// The context of a trigger in tests: really sends requests, with short time-outs.

import { createCallAws } from "../../shared/aws/call-aws.ts";
import { simulatedCodebuildPath } from "../../shared/builders/codebuild/start.ts";
import type { BuilderContext, BuildRequest } from "../../shared/kinds/builder.ts";
import { type Origins, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { awsEnvironment } from "./parameter-store.ts";
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

/** Nobody listens there. */
const unused = "http://127.0.0.1:9";

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
    callAws: createCallAws({
      ...awsEnvironment,
      AWS_ENDPOINT_URL_CODEBUILD: new URL(simulatedCodebuildPath, origins.others ?? unused).href,
    }),
    clock,
  };
}
