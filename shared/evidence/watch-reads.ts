// Reads from registries until a deadline, and remembers what could not be read: what follows from it is not known for good.
import type { ContentAnswer, ReadContent } from "../kinds/registry.ts";

const late: Extract<ContentAnswer, { kind: "unknown" }> = {
  kind: "unknown",
  reason: "the registries took too long to answer",
  isTemporary: true,
};

export type WatchedReads = {
  read: ReadContent;
  /** Why something could not be read that may be readable later; null if everything was. */
  failure: () => string | null;
};

/** Requests that were sent before the deadline are awaited: each has a time-out of its own. */
export function watchReads(read: ReadContent, isLate: () => boolean): WatchedReads {
  let failure: string | null = null;
  const note = <Answer extends { kind: "found" | "missing" } | typeof late>(answer: Answer): Answer => {
    if (answer.kind === "unknown" && answer.isTemporary) failure ??= answer.reason;
    return answer;
  };
  return {
    read: {
      readDigest: async (...image) => note(isLate() ? late : await read.readDigest(...image)),
      readImage: async (...image) => note(isLate() ? late : await read.readImage(...image)),
      readDiffIds: async (...platform) => note(isLate() ? late : await read.readDiffIds(...platform)),
      readCreated: async (...platform) => note(isLate() ? late : await read.readCreated(...platform)),
      readMaterials: async (...image) => note(isLate() ? late : await read.readMaterials(...image)),
    },
    failure: () => failure,
  };
}
