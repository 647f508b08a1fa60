// Whether images stand on what their bases are now: a look at the registries, without any run.
import { type Image, imageName } from "../image/image.ts";
import type { ContentAnswer, ReadContent } from "../kinds/registry.ts";
import { type BaseName, describeBase, shortDigest } from "./evidence.ts";
import { judgeBase } from "./gather.ts";

/** An image, and what it is built from. */
export type ImageToCheck = {
  image: Image;
  bases: readonly {
    name: BaseName;
    image: Image;
    /** Versions that it was built from before. */
    earlier: readonly string[];
    /** Its last FROM line names this base, so that an image that does not stand on it is stale. */
    isFrom: boolean;
  }[];
};

export const freshnessStates = ["fresh", "stale", "behind", "unknown"] as const;
export type Freshness = {
  /** stale: it stands on what a base was. behind: a base of it is stale or behind. */
  state: (typeof freshnessStates)[number];
  /** Since when a base has another version; null if that is not known. */
  since: number | null;
  because: string[];
};

/** Registries limit how many requests they answer at once. */
const maxAtOnce = 16;

/** The images with their freshness, in their order. */
export async function lookAtFreshness<Checked extends ImageToCheck>(
  given: ReadContent,
  images: readonly Checked[],
): Promise<(Checked & Freshness)[]> {
  const read = readOnce(given);
  const own: Freshness[] = [];
  const open = images.entries();
  const work = async () => {
    for (const [index, image] of open) own[index] = await lookAtImage(read, image);
  };
  await Promise.all(Array.from({ length: maxAtOnce }, work));
  const byName = new Map(images.map(({ image }, index) => [imageName(image), index]));
  const reached = new Map<number, Freshness>();
  /** Adds what follows from the image's bases. A circle is not followed. */
  const withBases = (index: number, above: readonly number[]): Freshness => {
    const known = reached.get(index);
    if (known !== undefined) return known;
    const found = own[index] ?? { state: "unknown", since: null, because: [] };
    const behind = (images[index]?.bases ?? []).flatMap(({ image }) => {
      const at = byName.get(imageName(image));
      if (at === undefined || at === index || above.includes(at)) return [];
      const base = withBases(at, [...above, index]);
      return base.state === "stale" || base.state === "behind" ? [{ name: imageName(image), base }] : [];
    });
    const [first] = behind;
    const result: Freshness =
      first === undefined || found.state === "stale"
        ? found
        : {
            state: "behind",
            since: first.base.since,
            because: behind.map(({ name, base }) => `${name} is ${base.state}`),
          };
    reached.set(index, result);
    return result;
  };
  return images.map((image, index) => ({ ...image, ...withBases(index, []) }));
}

/** As the API and the command line answer it. */
export function viewFreshness({ state, since, because }: Freshness) {
  return { state, ...(since === null ? {} : { since: new Date(since).toISOString() }), because };
}

/** Within one look, each tag is read once, however many images stand on it. */
function readOnce(read: ReadContent): ReadContent {
  const answers = new Map<string, Promise<ContentAnswer>>();
  return {
    ...read,
    readImage: (repository, reference) => {
      const key = `${repository} ${reference}`;
      const answer = answers.get(key) ?? read.readImage(repository, reference);
      answers.set(key, answer);
      return answer;
    },
  };
}

async function lookAtImage(read: ReadContent, { image, bases }: ImageToCheck): Promise<Freshness> {
  const unknown = (because: string): Freshness => ({ state: "unknown", since: null, because: [because] });
  if (bases.length === 0) return { state: "fresh", since: null, because: [] };
  const answer = await read.readImage(image.repository, image.tag);
  if (answer.kind === "missing") return unknown(`${imageName(image)} is not at its registry`);
  if (answer.kind === "unknown") return unknown(answer.reason);
  const { content } = answer;
  const looks = await Promise.all(
    bases.map(async (base) => {
      const expected = { name: base.name, image: base.image, digest: null, earlier: [...base.earlier] };
      const judged = await judgeBase(read, { repository: image.repository, content }, expected);
      return { base, judged, current: await read.readImage(base.image.repository, base.image.tag) };
    }),
  );
  const stale = looks.filter(
    ({ base, judged, current }) =>
      judged.standsOn.verdict === "contradicted" ||
      (judged.standsOn.verdict === "unknown" && base.isFrom && isComparable(current)),
  );
  if (stale.length > 0) {
    const since = await Promise.all(stale.map(({ base, current }) => createdAt(read, base.image, current)));
    return {
      state: "stale",
      since: earliest(since),
      because: stale.map(({ base, judged, current }) => whyStale(base.image, judged.contradiction, current)),
    };
  }
  const untold = looks.filter(({ judged }) => judged.standsOn.verdict === "unknown");
  const because = untold.map(({ base, current }) => whyUnknown(describeBase(base.name), current));
  // An image stands on one base, and perhaps copies files from others.
  const isProven = untold.length < looks.length;
  return { state: isProven ? "fresh" : "unknown", since: null, because };
}

/** An image without layers says nothing, and neither does one that cannot be read. */
function isComparable(base: ContentAnswer): boolean {
  return base.kind === "found" && base.content.platforms.every(({ layers }) => layers.length > 0);
}

function whyStale(image: Image, contradiction: string | null, current: ContentAnswer): string {
  if (contradiction !== null) return contradiction;
  const digest = current.kind === "found" ? `, which is ${shortDigest(current.content.digest)} now` : "";
  return `stands on another version of ${imageName(image)}${digest}`;
}

function whyUnknown(base: string, current: ContentAnswer): string {
  switch (current.kind) {
    case "found":
      return `nothing tells whether it is built from the current ${base}`;
    case "missing":
      return `${base} is not at its registry`;
    case "unknown":
      return current.reason;
  }
}

async function createdAt(read: ReadContent, { repository }: Image, current: ContentAnswer) {
  if (current.kind !== "found") return null;
  const [platform] = current.content.platforms;
  return platform === undefined ? null : read.readCreated(repository, platform);
}

function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
