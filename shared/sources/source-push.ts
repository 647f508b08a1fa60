// A push to a source repository, as any host of repositories reports it.
import type { SourceHost } from "../kinds/source.ts";

export type BranchPush = {
  repository: string;
  branch: string;
  commit: string;
  /** Null if unknown: any file may have changed. */
  files: string[] | null;
};

export type TagPush = { repository: string; tag: string; commit: string };

export type SourcePush = { host: SourceHost } & (
  | ({ kind: "push" } & BranchPush)
  | ({ kind: "tagPush" } & TagPush)
);

/** What a webhook about a push says. */
export type ReadSourcePush =
  | ({ kind: "push" } & BranchPush)
  | ({ kind: "tagPush" } & TagPush)
  | { kind: "ignored"; reason: string }
  | { kind: "notPush"; reason: string };
