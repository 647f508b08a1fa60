// What a gate without a trigger waits for: a person who approves it. Nothing is sent.
import type { BuilderKind } from "../kinds/builder.ts";

export type ApprovalSettings = { kind: "approval" };

export const approval: BuilderKind<ApprovalSettings> = {
  start: async () => ({ kind: "accepted", build: null }),
  secretsOf: () => [],
  originsOf: () => [],
  projectOf: () => null,
  identityOf: () => null,
  simulate: () => null,
  endedBy: "builder",
  localLimitOf: () => null,
};
