// What can build the images that are moved.

export const moveKinds = ["github", "gitlab", "codebuild"] as const;
export type MoveKind = (typeof moveKinds)[number];

/** What people call them. */
export const kindNames = {
  github: "GitHub Actions",
  gitlab: "GitLab CI",
  codebuild: "AWS CodeBuild",
} as const satisfies Record<MoveKind, string>;
