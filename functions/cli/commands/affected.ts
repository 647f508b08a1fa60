// `tagrelay affected IMAGE`: lists what a new version of an image would build again, in order.
import { imageName } from "../../../shared/image/image.ts";
import { exitCodes } from "../cli-error.ts";
import { type ImagesOptions, readImageName, readImages } from "../freshness/read-images.ts";
import { type Io, print, printJson } from "../io.ts";
import { dim, table } from "../text.ts";

export async function affected(io: Io, text: string, path: string | undefined, options: ImagesOptions) {
  const { images } = await readImages(io, path, options);
  const edges = images.map(({ image, bases }) => ({
    image: imageName(image),
    bases: bases.map((base) => imageName(base.image)),
  }));
  const known = [...new Set(edges.flatMap(({ image, bases }) => [image, ...bases]))];
  const changed = readImageName(text, known);
  const reached = new Set([changed]);
  // An image may be listed before its base, if they are in different pipelines.
  for (let size = 0; size < reached.size; ) {
    size = reached.size;
    for (const { image, bases } of edges) if (bases.some((base) => reached.has(base))) reached.add(image);
  }
  const found = edges.filter(({ image }) => image !== changed && reached.has(image));
  const because = (bases: readonly string[]) => bases.filter((base) => reached.has(base));
  if (options.json) {
    printJson(io, { images: found.map(({ image, bases }) => ({ image, because: because(bases) })) });
  } else if (found.length === 0) {
    print(io, `nothing is built from ${changed}`);
  } else {
    print(io, ...table(found.map(({ image, bases }) => [image, dim(`from ${because(bases).join(", ")}`)])));
  }
  return exitCodes.success;
}
