// `tagrelay why IMAGE`: shows the evidence for an image, and for each base below it.

import { type Freshness, type ImageToCheck, lookAtFreshness } from "../../../shared/evidence/freshness.ts";
import { createProofs } from "../../../shared/evidence/proofs.ts";
import { imageName } from "../../../shared/image/image.ts";
import { exitCodes } from "../cli-error.ts";
import { createRead, type ImagesOptions, readImageName, readImages } from "../freshness/read-images.ts";
import { type Io, print, printJson } from "../io.ts";
import { bold, dim } from "../text.ts";

type Found = ImageToCheck & Freshness;
type Evidence = { image: string; state: string; because: string[]; bases: Evidence[] };

export async function why(io: Io, text: string, path: string | undefined, options: ImagesOptions) {
  const read = await readImages(io, path, options);
  const names = read.images.map(({ image }) => imageName(image));
  const name = readImageName(text, names);
  const below = withBases(name, read.images);
  const images = read.images.filter(({ image }) => below.has(imageName(image)));
  const looked = await lookAtFreshness(createRead(io, read), createProofs(), images);
  const found = new Map(looked.map((image) => [imageName(image.image), image]));
  const evidence = evidenceOf(name, found, []);
  if (options.json) printJson(io, evidence);
  else print(io, ...toLines(evidence, ""));
  return evidence.state === "fresh" ? exitCodes.success : exitCodes.failure;
}

function withBases(name: string, images: readonly ImageToCheck[]): Set<string> {
  const below = new Set([name]);
  for (const reached of below) {
    for (const { image, bases } of images) {
      if (imageName(image) === reached) for (const base of bases) below.add(imageName(base.image));
    }
  }
  return below;
}

/** A cycle is not followed. */
function evidenceOf(image: string, found: ReadonlyMap<string, Found>, above: readonly string[]): Evidence {
  const own = found.get(image);
  if (own === undefined) return { image, state: "upstream", because: [], bases: [] };
  const { state, because } = own;
  const bases = own.bases.map((base) => imageName(base.image));
  const followed = bases.filter((base) => !above.includes(base) && base !== image);
  return {
    image,
    state,
    because,
    bases: followed.map((base) => evidenceOf(base, found, [...above, image])),
  };
}

function toLines({ image, state, because, bases }: Evidence, indent: string): string[] {
  return [
    `${indent}${image}  ${state === "fresh" || state === "upstream" ? dim(state) : bold(state)}`,
    ...because.map((reason) => `${indent}  ${dim(reason)}`),
    ...bases.flatMap((base) => toLines(base, `${indent}  `)),
  ];
}
