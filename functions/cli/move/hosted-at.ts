// Where the builds of a source will run: the repository at GitHub or the project at GitLab.
import type { HubBuild } from "./hub-builds.ts";
import type { MoveKind } from "./move-kinds.ts";

type Placed = Pick<HubBuild, "source" | "checkout">;

/** CodeBuild builds what is at GitHub. Null for a source at Bitbucket, unless the remote of its checkout tells another place. */
export function hostedAt({ source, checkout }: Placed, kind: MoveKind): string | null {
  const remote = checkout?.remote ?? null;
  if (kind === "gitlab") return remote ?? source.repository;
  return /^github$/i.test(source.provider) ? (remote ?? source.repository) : remote;
}

/** The branch with the workflow. */
export function workflowBranch({ checkout }: Placed): string {
  return checkout?.defaultBranch ?? "main";
}
