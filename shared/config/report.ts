/** Adds an error of a pipeline, at a path below it. */
export type Report = (path: readonly PropertyKey[], message: string) => void;
