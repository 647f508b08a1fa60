// The builds of the simulated Docker Hub, stored in a file: they survive a kill of the program, as real ones do.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const buildsSchema = z.object({
  /** Builds under way, and pushed ones whose webhook has not been accepted yet. */
  builds: z.array(
    z.object({
      image: z.string(),
      endsAt: z.number(),
      pushedAt: z.number().nullable(),
    }),
  ),
  /** When each image was last pushed. */
  pushes: z.array(z.object({ image: z.string(), pushedAt: z.number() })),
});

export type Builds = z.infer<typeof buildsSchema>;
export type SimulatedBuild = Builds["builds"][number];

export function loadBuilds(path: string): Builds {
  try {
    return buildsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { builds: [], pushes: [] };
  }
}

/** Writes to a new file and renames it, so that a kill never leaves half a file. */
export function saveBuilds(path: string, builds: Builds): void {
  writeFileSync(`${path}.new`, JSON.stringify(builds), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
