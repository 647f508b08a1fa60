// When the last image of a family is fresh after a push of its base, by ways of building it that need no program of ours.
// Each build first waits `queueMs` for a machine, the same in all ways.
import type { FamilyImage, ImageName } from "./family.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Every image as soon as its base is pushed. Without `queueMs` and `betweenMs`, that is the critical path. */
export function asSoonAsPossible(
  images: readonly FamilyImage[],
  { queueMs, betweenMs }: { queueMs: number; betweenMs: number },
): number {
  const ends = new Map<ImageName, number>();
  for (const { name, after, takesMs } of images) {
    const begins = after === null ? 0 : (ends.get(after) ?? Number.NaN) + betweenMs + queueMs;
    ends.set(name, after === null ? 0 : begins + takesMs);
  }
  return Math.max(...ends.values());
}

/** A workflow for each level, which starts when all of the level before has ended. */
export function levelByLevel(
  images: readonly FamilyImage[],
  { queueMs, betweenMs }: { queueMs: number; betweenMs: number },
): number {
  let end = 0;
  for (let level = 1; images.some((image) => image.level === level); level += 1) {
    const longest = Math.max(
      ...images.filter((image) => image.level === level).map(({ takesMs }) => takesMs),
    );
    end += betweenMs + queueMs + longest;
  }
  return end;
}

/** A cron job for each level, at hour 0 for the base, 1 for what comes after it, and so on. The base is pushed at `pushedAt`. */
export function nightly(images: readonly FamilyImage[], pushedAt: number, queueMs: number): number {
  const ends = new Map<ImageName, number>();
  for (const { name, after, level, takesMs } of images) {
    const since = after === null ? pushedAt : (ends.get(after) ?? Number.NaN);
    ends.set(name, after === null ? pushedAt : nextStart(level, since) + queueMs + takesMs);
  }
  return Math.max(...ends.values()) - pushedAt;
}

/** A build stands on the base that is there when its machine starts, so one that starts before the push does not help. */
function nextStart(level: number, since: number): number {
  const first = level * hourMs;
  return first + Math.max(0, Math.ceil((since - first) / dayMs)) * dayMs;
}

/** Over all minutes of a day at which the base may be pushed. */
export function nightlySpread(images: readonly FamilyImage[], queueMs: number) {
  const all = Array.from({ length: 24 * 60 }, (_, minute) => nightly(images, minute * 60_000, queueMs));
  return {
    best: Math.min(...all),
    mean: all.reduce((sum, ms) => sum + ms, 0) / all.length,
    worst: Math.max(...all),
  };
}
