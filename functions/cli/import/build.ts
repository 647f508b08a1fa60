// An image that a source builds, what it is built from, and how.
import type { Need } from "./dockerfile.ts";
import type { ImportedStep } from "./imported.ts";
import type { Recipe } from "./recipe.ts";

export type Build = {
  /** The name in the source: a file, a target, a service. */
  label: string;
  /** `namespace/repo:tag` */
  image: string;
  /** Other names that it is pushed as. */
  aliases: readonly string[];
  needs: readonly Need[];
  /** The one of them that it stands on, if that is known. */
  base?: Need | null;
  /** Labels of builds that it explicitly comes after. */
  after: readonly string[];
  trigger: ImportedStep["trigger"];
  /** Names that FROM lines may use without a namespace: those of its target, its service or its folder. */
  names?: readonly string[];
  /** What tells it from others of its repository, beside its tag: the words of its path, the versions in its file. */
  words?: ReadonlySet<string>;
  recipe?: Recipe | null;
};
