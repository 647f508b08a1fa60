// An image that a source builds, and what it is built from.
import type { Need } from "./dockerfile.ts";
import type { ImportedStep } from "./imported.ts";

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
};
