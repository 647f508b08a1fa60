// What can build the images that are moved.

export const moveKinds = ["github", "gitlab"] as const;
export type MoveKind = (typeof moveKinds)[number];
