// What can build the images of an import.

export const triggerKinds = ["command", "github", "gitlab", "codebuild"] as const;
export type TriggerKind = (typeof triggerKinds)[number];
