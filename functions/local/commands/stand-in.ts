// What is run in a command's place while nothing real is done: it only takes its time.
import { imageName } from "../../../shared/core/image.ts";
import type { Build, Command } from "../../../shared/triggers/trigger.ts";
import { simulatedBuildMs } from "../outside.ts";

export function standInFor({ image }: Build): Command {
  const seconds = String(simulatedBuildMs(imageName(image)) / 1_000);
  return { run: ["sleep", seconds], directory: null, environment: {}, secrets: [] };
}
