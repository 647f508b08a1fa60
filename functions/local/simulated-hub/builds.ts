// The builds of the simulated Docker Hub. They are kept in a file: the real one does not forget them either when
// this program is killed.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const buildsSchema = z.object({
  /** Builds under way, and pushed ones whose webhook has not been taken yet. */
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

/** Written beside and renamed, so that a kill leaves either the old file or the new one. */
export function saveBuilds(path: string, builds: Builds): void {
  writeFileSync(`${path}.new`, JSON.stringify(builds), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
