// Respects a registry's "too many requests": waits if it names the next moment, and otherwise sends nothing until the time that it
// names.
import { splitRepository } from "../../image/image.ts";
import type { NoAnswer } from "./authorize.ts";
import type { ManifestAnswer, RegistryClient } from "./client.ts";

/** A limit of requests in a second is waited for, one of pulls in six hours is not. */
const maxWaitMs = 2_000;
const maxWaits = 5;
/** A registry that names a later time is asked again after this. */
const maxPauseMs = 60 * 60_000;

type Pause = { until: number; because: Extract<NoAnswer, { kind: "unknown" }> };

export function respectLimits(
  client: RegistryClient,
  clock: () => number,
  sleep: (ms: number) => Promise<unknown>,
): RegistryClient {
  const pauses = new Map<string, Pause>();

  const unlessPaused = async (
    repository: string,
    ask: () => Promise<ManifestAnswer>,
    waits = 0,
  ): Promise<ManifestAnswer> => {
    const { host } = splitRepository(repository);
    const pause = pauses.get(host);
    const leftMs = (pause?.until ?? 0) - clock();
    if (pause !== undefined && leftMs > 0) {
      if (leftMs > maxWaitMs || waits >= maxWaits) {
        return { ...pause.because, retryAfterMs: leftMs, requestSent: false };
      }
      await sleep(leftMs);
      return unlessPaused(repository, ask, waits + 1);
    }
    const answer = await ask();
    if (answer.kind !== "unknown" || answer.retryAfterMs === null) return answer;
    const pauseMs = Math.min(answer.retryAfterMs, maxPauseMs);
    pauses.set(host, { until: clock() + pauseMs, because: answer });
    return pauseMs > 0 && pauseMs <= maxWaitMs ? unlessPaused(repository, ask, waits) : answer;
  };

  return {
    requestManifest: (method, repository, reference) =>
      unlessPaused(repository, () => client.requestManifest(method, repository, reference)),
    requestBlob: (repository, digest) =>
      unlessPaused(repository, () => client.requestBlob(repository, digest)),
    // Moves of tags are repeated anyway, and should not wait for reads.
    putManifest: client.putManifest,
  };
}
