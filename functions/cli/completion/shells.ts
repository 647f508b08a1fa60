// The shells that completion is for.
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];
