// The grammar of `builds`: how the local program runs builds that are asked for with a Dockerfile, outside of any pipeline.
import * as z from "zod";
import { commandSettingsWith } from "../builders/command/settings.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { BuildsSettings } from "../pipeline/pipeline.ts";
import { positiveDuration } from "./schedule-grammar.ts";

/** What a build of the API has for its command. */
export const buildPlaceholders = ["image", "repository", "tag", "dockerfile", "context", "build"] as const;

export const buildsGrammar = z
  .strictObject({
    command: commandSettingsWith({ names: buildPlaceholders, ofSteps: false }).describe(
      "The command that builds and pushes an image. {dockerfile} is the path of the Dockerfile, {context} the folder that it is in, {image} the image to push, and {build} the id of the build.",
    ),
    timeout: positiveDuration
      .optional()
      .describe("How long a build may take. After that, it is stopped and has failed. Default: 1h."),
    queue: z
      .int()
      .min(0)
      .max(1_000)
      .optional()
      .describe("How many builds may wait for their turn. Further ones are refused. Default: 20."),
    b1: z
      .boolean()
      .optional()
      .describe(
        "Whether GET /b1/build?imagename=…&dockerfile=…, as older build services have it, starts builds, too. It needs the API token. Default: false.",
      ),
  })
  .transform(
    ({ command, timeout = "1h", queue = 20, b1 = false }): BuildsSettings => ({
      command,
      timeoutMs: parseDuration(timeout),
      maxQueued: queue,
      hasB1Route: b1,
    }),
  );
