// `tagrelay why IMAGE`: shows the evidence for an image, and for each base below it.
import { type Freshness, lookAtFreshness } from "../../../shared/evidence/freshness.ts";
import { imageName } from "../../../shared/image/image.ts";
import { exitCodes } from "../cli-error.ts";
import { createRead, type ImagesOptions, readImageName, readImages } from "../freshness/read-images.ts";
import { type Io, print, printJson } from "../io.ts";
import { bold, dim } from "../text.ts";

type Found = Freshness & { image: string; bases: string[] };
type Evidence = { image: string; state: string; because: string[]; bases: Evidence[] };

export async function why(io: Io, text: string, path: string | undefined, options: ImagesOptions) {
  const read = await readImages(io, path, options);
  const names = read.images.map(({ image }) => imageName(image));
  const name = readImageName(text, names);
  const below = withBases(name, read.images);
  const images = read.images.filter(({ image }) => below.has(imageName(image)));
  const states = await lookAtFreshness(createRead(io, read), images);
  const found = new Map<string, Found>();
  for (const [index, { image, bases }] of images.entries()) {
    const state = states[index] ?? { state: "unknown", since: null, because: [] };
    const own = { image: imageName(image), bases: bases.map((base) => imageName(base.image)) };
    found.set(own.image, { ...state, ...own });
  }
  const evidence = evidenceOf(name, found, []);
  if (options.json) printJson(io, evidence);
  else print(io, ...toLines(evidence, ""));
  return evidence.state === "fresh" ? exitCodes.success : exitCodes.failure;
}

type Images = Awaited<ReturnType<typeof readImages>>["images"];

function withBases(name: string, images: Images): Set<string> {
  const below = new Set([name]);
  for (const reached of below) {
    for (const { image, bases } of images) {
      if (imageName(image) === reached) for (const base of bases) below.add(imageName(base.image));
    }
  }
  return below;
}

/** A circle is not followed. */
function evidenceOf(image: string, found: ReadonlyMap<string, Found>, above: readonly string[]): Evidence {
  const own = found.get(image);
  if (own === undefined) return { image, state: "upstream", because: [], bases: [] };
  const { state, because, bases } = own;
  const followed = bases.filter((base) => !above.includes(base) && base !== image);
  return {
    ...{ image, state, because },
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
