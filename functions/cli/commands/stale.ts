// `tagrelay stale`: looks up at the registries whether images stand on what their bases are now.

import { type Freshness, lookAtFreshness, viewFreshness } from "../../../shared/evidence/freshness.ts";
import { createProofs } from "../../../shared/evidence/proofs.ts";
import { imageName, splitRepository } from "../../../shared/image/image.ts";
import { type ExitCode, exitCodes } from "../cli-error.ts";
import { createRead, type ImagesOptions, readImages } from "../freshness/read-images.ts";
import { type Io, print, printJson } from "../io.ts";
import { bold, dim, formatRelative, table } from "../text.ts";

export async function stale(io: Io, path: string | undefined, options: ImagesOptions): Promise<ExitCode> {
  const read = await readImages(io, path, options);
  const found = await lookAtFreshness(createRead(io, read), createProofs(), read.images);
  const rows = found.map((row) => ({ ...row, image: imageName(row.image) }));
  if (options.json)
    printJson(io, { images: rows.map((row) => ({ image: row.image, ...viewFreshness(row) })) });
  else print(io, ...toText(rows, Date.now()));
  return exitCodeOf(found);
}

type Row = Freshness & { image: string };

/** What needs a build comes first, the longest of it at the top. */
const order = ["stale", "behind", "unknown", "fresh"] as const;

function toText(rows: readonly Row[], now: number): string[] {
  const sorted = rows.toSorted(
    (one, other) =>
      order.indexOf(one.state) - order.indexOf(other.state) || (one.since ?? now) - (other.since ?? now),
  );
  const lines = sorted.map(({ image, state, since, because }) => [
    state === "fresh" ? state : bold(state),
    image,
    since === null ? "" : formatRelative(new Date(since).toISOString(), now),
    dim(because.join("; ")),
  ]);
  return [...table(lines), summaryOf(rows)];
}

function summaryOf(rows: readonly Row[]): string {
  const counts = order.flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : `${count} ${state}`;
  });
  const registries = new Set(rows.map(({ image }) => splitRepository(image).host));
  return `${rows.length === 1 ? "1 image" : `${rows.length} images`} at ${[...registries].join(", ")}: ${counts.join(", ")}`;
}

function exitCodeOf(found: readonly Freshness[]): ExitCode {
  if (found.some(({ state }) => state === "stale" || state === "behind")) return exitCodes.failure;
  return found.some(({ state }) => state === "unknown") ? exitCodes.unknown : exitCodes.success;
}
