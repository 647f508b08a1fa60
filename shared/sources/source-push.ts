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

/** A push of one branch or one tag. */
export type RefPush = ({ kind: "push" } & BranchPush) | ({ kind: "tagPush" } & TagPush);

export type SourcePush = { host: SourceHost } & RefPush;

export type NoSourcePush = { kind: "ignored"; reason: string } | { kind: "notPush"; reason: string };

/** What a webhook about a push says. */
export type ReadSourcePush = RefPush | NoSourcePush;

/** What a webhook about a push of several branches and tags says. */
export type ReadSourcePushes = { kind: "pushes"; pushes: RefPush[] } | NoSourcePush;

/** The name of a deleted branch or tag is followed by this commit. */
export function isNoCommit(commit: string): boolean {
  return /^0+$/.test(commit);
}
