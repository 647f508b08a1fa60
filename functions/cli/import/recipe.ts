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
  /** The target of a bake file that describes it. */
  bake?: BakeRecipe;
  /** What builds it, if that is not docker. */
  command?: string;
};

/** `folder` is where bake runs, and the paths of `files` are from there. */
export type BakeRecipe = { folder: string; files: readonly string[]; target: string };
