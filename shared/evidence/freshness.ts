// Whether images stand on what their bases are now: a look at the registries, without any run.
import { type Image, imageName } from "../image/image.ts";
import type { ContentAnswer, ReadContent } from "../kinds/registry.ts";
import { type BaseName, describeBase, shortDigest } from "./evidence.ts";
import { judgeBase } from "./gather.ts";
import type { Proof, Proofs } from "./proofs.ts";
import { type WatchedReads, watchReads } from "./watch-reads.ts";

/** An image, and what it is built from. */
export type ImageToCheck = {
  image: Image;
  bases: readonly {
    name: BaseName;
    image: Image;
    /** Earlier versions of the base; an image that stands on one is stale. */
    earlier: readonly string[];
    /** What the last run proved; null if it proved nothing. */
    proven: Proof | null;
    /** The image's last FROM line names this base, so that an image that does not stand on it is stale. */
    isFrom: boolean;
  }[];
};

export const freshnessStates = ["fresh", "stale", "behind", "unknown"] as const;
export type Freshness = {
  /** stale: it stands on an older version of a base. behind: a base of it is stale or behind. */
  state: (typeof freshnessStates)[number];
  /** Since when a base has another version; null if that is not known. */
  since: number | null;
  because: string[];
  /** It could not be read at the moment: looking again may tell. */
  isTemporary: boolean;
};

/** Registries limit how many requests they answer at once. */
const maxAtOnce = 16;

/**
 * The images with their freshness, in their order. Whatever is still unread once `isLate()` is true is unknown for now; what was
 * proven until then is in `proofs`, so that the next look has less to read.
 */
export async function lookAtFreshness<Checked extends ImageToCheck>(
  given: ReadContent,
  proofs: Proofs,
  images: readonly Checked[],
  isLate: () => boolean = () => false,
): Promise<(Checked & Freshness)[]> {
  const read = readOnce(given);
  const own: Freshness[] = [];
  const open = images.entries();
  const work = async () => {
    for (const [index, image] of open)
      own[index] = await lookAtImage(watchReads(read, isLate), proofs, image);
  };
  await Promise.all(Array.from({ length: maxAtOnce }, work));
  const byName = new Map(images.map(({ image }, index) => [imageName(image), index]));
  const reached = new Map<number, Freshness>();
  /** Adds what follows from the image's bases. A cycle is not followed. */
  const withBases = (index: number, above: readonly number[]): Freshness => {
    const known = reached.get(index);
    if (known !== undefined) return known;
    const found = own[index] ?? { ...undated, state: "unknown", because: [] };
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
            isTemporary: false,
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
  return { ...read, readImage: askOnce(read.readImage), readDigest: askOnce(read.readDigest) };
}

function askOnce<Answer>(ask: (repository: string, reference: string) => Promise<Answer>): typeof ask {
  const answers = new Map<string, Promise<Answer>>();
  return (repository, reference) => {
    const key = `${repository} ${reference}`;
    const answer = answers.get(key) ?? ask(repository, reference);
    answers.set(key, answer);
    return answer;
  };
}

const undated = { since: null, isTemporary: false } as const;

async function lookAtImage(
  { read, failure }: WatchedReads,
  proofs: Proofs,
  image: ImageToCheck,
): Promise<Freshness> {
  if (image.bases.length === 0 || (await isAsProven(read, proofs, image))) {
    return { ...undated, state: "fresh", because: [] };
  }
  const found = await readAndJudge({ read, failure }, proofs, image);
  return { ...found, isTemporary: found.state === "unknown" && failure() !== null };
}

/** Whether the tags of the image and of all its bases still have the digests for which it was proven that it stands on them. */
async function isAsProven(
  { readDigest }: ReadContent,
  proofs: Proofs,
  { image, bases }: ImageToCheck,
): Promise<boolean> {
  const known = bases.flatMap((base) => {
    const proof = proofs.find(image, base.image) ?? base.proven;
    return proof === null ? [] : { base: base.image, proof };
  });
  if (known.length < bases.length) return false;
  const isAt = async ({ repository, tag }: Image, digest: string) => {
    const answer = await readDigest(repository, tag);
    return answer.kind === "found" && answer.digest === digest;
  };
  const checks = known.map(
    async ({ base, proof }) => (await isAt(image, proof.imageDigest)) && (await isAt(base, proof.baseDigest)),
  );
  return (await Promise.all(checks)).every(Boolean);
}

async function readAndJudge(
  { read, failure }: WatchedReads,
  proofs: Proofs,
  { image, bases }: ImageToCheck,
): Promise<Freshness> {
  const unknown = (because: string): Freshness => ({ ...undated, state: "unknown", because: [because] });
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
  for (const { base, judged, current } of looks) {
    if (judged.standsOn.verdict !== "proven" || current.kind !== "found") continue;
    proofs.add(image, base.image, { imageDigest: content.digest, baseDigest: current.content.digest });
  }
  const stale = looks.filter(
    ({ base, judged, current }) =>
      judged.standsOn.verdict === "contradicted" ||
      // After a failed read, it may still be proven later. If all was read and nothing ties the image to its base, it is stale.
      (judged.standsOn.verdict === "unknown" && failure() === null && base.isFrom && isComparable(current)),
  );
  if (stale.length > 0) {
    const since = await Promise.all(stale.map(({ base, current }) => createdAt(read, base.image, current)));
    return {
      ...undated,
      state: "stale",
      since: earliest(since),
      because: stale.map(({ base, judged, current }) => whyStale(base.image, judged.contradiction, current)),
    };
  }
  const undecided = looks.filter(({ judged }) => judged.standsOn.verdict === "unknown");
  const because = undecided.map(
    ({ base, current }) => failure() ?? whyUnknown(describeBase(base.name), current),
  );
  // One proven base is enough: others may only be sources of COPY --from, which leave no layers to compare.
  const isProven = undecided.length < looks.length;
  return { ...undated, state: isProven ? "fresh" : "unknown", because };
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
  if (platform === undefined) return null;
  const created = await read.readCreated(repository, platform);
  return created.kind === "found" ? created.part : null;
}

function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
