// Reads and moves the tags of a run that promotes its images together.
import { type Image, imageName, splitImageName } from "../image/image.ts";
import { findStep, type Pipeline } from "../pipeline/pipeline.ts";
import { withParameters } from "../pipeline/with-parameters.ts";
import { candidateOfRun } from "../run/candidates.ts";
import type { ActionOf, Event, MovedTag, ReadTag } from "../run/event.ts";
import type { Relay } from "./relay.ts";

export async function readTags(
  relay: Relay,
  pipeline: Pipeline,
  { runId, since, tags, parameters = {} }: ActionOf<"readTags">,
): Promise<Event> {
  const own = withParameters(pipeline, parameters);
  const read = await Promise.all(
    tags.map(async ({ step, image: name, digest }): Promise<ReadTag[]> => {
      const image = splitImageName(name);
      const candidate =
        digest === null
          ? await readDigest(relay, candidateOfRun(image, runId))
          : { kind: "found" as const, digest };
      const all = [image, ...(findStep(own, step)?.tags ?? [])];
      return Promise.all(
        all.map(async (tag): Promise<ReadTag> => {
          const about = { step, image: imageName(tag) };
          const current = await readDigest(relay, tag);
          if (candidate.kind === "found" && current.kind !== "failed") {
            const now = current.kind === "found" ? current.digest : "absent";
            return { ...about, kind: "read", candidate: candidate.digest, current: now };
          }
          const failed = candidate.kind === "failed" ? candidate : current;
          if (failed.kind === "failed") return { ...about, ...failed };
          const reason = `its candidate ${imageName(candidateOfRun(image, runId))} is not at the registry`;
          return { ...about, kind: "failed", reason, isTemporary: false };
        }),
      );
    }),
  );
  for (const { step, image, ...rest } of read.flat()) {
    if (rest.kind === "failed")
      logFailure(relay, "tag.readFailed", { pipeline: pipeline.name, run: runId, step, image }, rest);
  }
  return { kind: "tagsRead", runId, since, tags: read.flat(), random: relay.random() };
}

type Read =
  | { kind: "found"; digest: string }
  | { kind: "missing" }
  | { kind: "failed"; reason: string; isTemporary: boolean };

/** Reads the image itself: Docker Hub's tag API lags behind its registry. */
async function readDigest({ readContent }: Relay, { repository, tag }: Image): Promise<Read> {
  const answer = await readContent.readImage(repository, tag);
  switch (answer.kind) {
    case "found":
      return { kind: "found", digest: answer.content.digest };
    case "missing":
      return answer;
    case "unknown":
      return { kind: "failed", reason: answer.reason, isTemporary: answer.isTemporary };
  }
}

/** All at once, so that as few people as possible pull half of a family. */
export async function moveTags(
  relay: Relay,
  pipeline: Pipeline,
  { runId, since, isBack, moves }: ActionOf<"moveTags">,
): Promise<Event> {
  const results = await Promise.all(
    moves.map(async ({ step, image: name, digest }): Promise<MovedTag> => {
      // Not every registry can delete a tag, so one that did not exist before stays where it is.
      const moved =
        digest === "absent"
          ? ({ kind: "moved" } as const)
          : await relay.moveTag(splitImageName(name), digest);
      const about = { pipeline: pipeline.name, run: runId, step, image: name, digest };
      if (moved.kind === "failed")
        logFailure(relay, isBack ? "tag.moveBackFailed" : "tag.moveFailed", about, moved);
      else relay.log("info", { event: isBack ? "tag.movedBack" : "tag.moved", ...about });
      return { step, image: name, ...moved };
    }),
  );
  return { kind: "tagsMoved", runId, since, isBack, results, random: relay.random() };
}

function logFailure(
  { log }: Relay,
  event: "tag.readFailed" | "tag.moveFailed" | "tag.moveBackFailed",
  about: Record<string, string>,
  { reason }: { reason: string },
): void {
  log("warn", { event, ...about, failure: reason });
}
