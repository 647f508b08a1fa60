// How an image is built: what the trigger of its step has to say.

/** How an image is built. Paths are relative to the folder that is imported. */
export type Recipe = {
  context: string;
  /** Null if the Dockerfile is inline. */
  dockerfile: string | null;
  inline: string | null;
  target: string | null;
  args: ReadonlyMap<string, string>;
  platforms: readonly string[];
  /** Named contexts: `docker-image://…`, a folder, or `target:LABEL` of another build. */
  contexts: ReadonlyMap<string, string>;
  /** What builds it, if that is not docker. */
  command?: string;
};
