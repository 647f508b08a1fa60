// Stops reading from registries after a while. What was not read by then is not known.
import type { ReadContent } from "../kinds/registry.ts";

const late = {
  kind: "unknown",
  reason: "the registries took too long to answer",
  isTemporary: true,
} as const;

/** Requests that were sent before the deadline are awaited: each has a time-out of its own. */
export function withDeadline(read: ReadContent, clock: () => number, ms: number): ReadContent {
  const endsAt = clock() + ms;
  const isLate = () => clock() > endsAt;
  return {
    readImage: async (repository, reference) => (isLate() ? late : read.readImage(repository, reference)),
    readDiffIds: async (repository, platform) => (isLate() ? null : read.readDiffIds(repository, platform)),
    readCreated: async (repository, platform) => (isLate() ? null : read.readCreated(repository, platform)),
    readMaterials: async (repository, content) => (isLate() ? null : read.readMaterials(repository, content)),
  };
}
