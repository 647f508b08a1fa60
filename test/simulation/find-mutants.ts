// Finds mutants on all processors. A thread loads many mutants, which is cheaper than a process for each.
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Finding, MutantRequest } from "./mutant-worker.ts";

/** What found each mutant; null for a mutant that none of its worlds finds. */
export async function findMutants(
  requests: readonly MutantRequest[],
): Promise<ReadonlyMap<string, Finding | null>> {
  const findings = new Map<string, Finding | null>();
  const open = requests.values();
  const work = async () => {
    const worker = new Worker(new URL("mutant-worker.ts", import.meta.url), { execArgv: [] });
    for (const request of open) {
      worker.postMessage(request);
      const [finding]: (Finding | null)[] = await once(worker, "message");
      findings.set(request.mutant, finding ?? null);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return findings;
}
