// Runs worlds with and without a mutant's defects, one request at a time.
import { parentPort } from "node:worker_threads";
import * as z from "zod";
import { loadWorld } from "./load-world.ts";

const requestSchema = z.object({ mutant: z.string(), worlds: z.array(z.int()) });
export type MutantRequest = z.infer<typeof requestSchema>;

/** The first of the worlds that finds the mutant, and whether that world violates anything without it. */
export type Finding = { world: number; violation: string; without: string | null };

parentPort?.on("message", async (message: unknown) => {
  const request = requestSchema.parse(message);
  parentPort?.postMessage(await find(request));
});

async function find({ mutant, worlds }: MutantRequest): Promise<Finding | null> {
  const runWorld = await loadWorld(mutant);
  for (const world of worlds) {
    const { violation } = await runWorld({ seed: world });
    if (violation === null) continue;
    const runUnchanged = await loadWorld(null);
    return { world, violation, without: (await runUnchanged({ seed: world })).violation };
  }
  return null;
}
