// Says of a Docker Hub repository what became of its settings: what runs in the workflow, what changed, what is left to do.
import { onLinks, onPlatforms } from "./on-images.ts";
import { onPushes, onRules } from "./on-rules.ts";
import { onHooks, onTests } from "./on-scripts.ts";
import { onVariables } from "./on-variables.ts";
import type { Moved, Remark } from "./remark.ts";

export function remarksOn(moved: Moved): Remark[] {
  return [
    ...onRules(moved),
    ...onPushes(moved),
    ...onHooks(moved),
    ...onTests(moved),
    ...onVariables(moved),
    ...onLinks(moved),
    ...onPlatforms(moved),
  ];
}
