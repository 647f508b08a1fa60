// Reads from registries what a pushed image consists of, and whether it stands on its bases.
import { type Image, imageName } from "../image/image.ts";
import type { ContentAnswer, Material, ReadContent } from "../kinds/registry.ts";
import { type Evidence, type ExpectedBase, type StandsOn, shortDigest, type Verdict } from "./evidence.ts";
import { digestsInProvenance, type ImageAt, isBuiltOn, usualPlatform } from "./stands-on.ts";
import { watchReads } from "./watch-reads.ts";

/** `digest` is what the image was pushed as; null for what its tag points to now. */
export async function gatherEvidence(
  given: ReadContent,
  image: Image,
  digest: string | null,
  bases: readonly ExpectedBase[],
  isLate: () => boolean = () => false,
): Promise<Evidence> {
  const { read, failure } = watchReads(given, isLate);
  const answer = await read.readImage(image.repository, digest ?? image.tag);
  if (answer.kind === "unknown") return answer;
  if (answer.kind === "missing") {
    const reason = `${imageName(image)} is not at its registry`;
    return { kind: "unknown", reason, isTemporary: true };
  }
  const { content } = answer;
  const own = { repository: image.repository, content };
  const judged = await excuse(read, await Promise.all(bases.map((base) => judgeBase(read, own, base))));
  const contradictions = judged.flatMap(({ contradiction }) => contradiction ?? []);
  const reason = failure();
  const isOpen = judged.some(({ standsOn }) => standsOn.verdict === "unknown");
  if (isOpen && reason !== null && contradictions.length === 0) {
    return { kind: "unknown", reason, isTemporary: true };
  }
  const platforms = content.platforms.flatMap(({ platform }) =>
    platform === null ? [] : usualPlatform(platform),
  );
  return {
    kind: "found",
    pushed: {
      digest: content.digest,
      platforms: [...new Set(platforms)].sort(),
      standsOn: judged.map(({ standsOn }) => standsOn),
    },
    contradictions,
  };
}

type Judged = {
  standsOn: StandsOn;
  contradiction: string | null;
  /** What it stands on, as its layers show. */
  on: ImageAt | null;
};

/**
 * An image that stands on a base as it is now stands on all that the base stands on. If that includes an earlier version of
 * another base, its own builder did nothing wrong.
 */
async function excuse(read: ReadContent, judged: readonly Judged[]): Promise<Judged[]> {
  const current = judged.flatMap(({ standsOn, on }) =>
    standsOn.verdict === "proven" && on !== null ? on : [],
  );
  return Promise.all(
    judged.map(async (one) => {
      const { contradiction, on, standsOn } = one;
      if (contradiction === null || on === null) return one;
      const carries = await Promise.all(current.map((base) => isBuiltOn(read, base, on)));
      if (!carries.includes(true)) return one;
      return { standsOn: { ...standsOn, verdict: "unknown" }, contradiction: null, on };
    }),
  );
}

export async function judgeBase(read: ReadContent, own: ImageAt, base: ExpectedBase): Promise<Judged> {
  const judged = (
    verdict: Verdict,
    digest: string | null,
    contradiction: string | null = null,
    answer: ContentAnswer | null = null,
  ): Judged => ({
    standsOn: { base: base.name, digest, verdict },
    contradiction,
    on: answer?.kind === "found" ? { repository: image.repository, content: answer.content } : null,
  });
  const { image, digest, earlier } = base;
  const tag = base.candidate ?? image.tag;
  const isOn = async (answer: ContentAnswer) =>
    answer.kind === "found" &&
    (await isBuiltOn(read, own, { repository: image.repository, content: answer.content }));

  const expected = await read.readImage(image.repository, digest ?? tag);
  const expectedDigest = expected.kind === "found" ? expected.content.digest : digest;
  if (await isOn(expected)) return judged("proven", expectedDigest, null, expected);
  const materials = await read.readMaterials(own.repository, own.content);
  const named = materials.kind === "found" ? digestsInProvenance(materials.part, image) : [];
  if (namesContent(named, expected)) return judged("proven", expectedDigest);

  // The base may have been pushed again since, so that the image stands on a later version.
  const current = digest === null ? expected : await read.readImage(image.repository, tag);
  if (current !== expected && current.kind === "found" && !earlier.includes(current.content.digest)) {
    if (await isOn(current)) return judged("proven", current.content.digest, null, current);
    if (namesContent(named, current)) return judged("proven", current.content.digest);
  }

  const others = earlier.filter((other) => other !== expectedDigest);
  for (const other of others) {
    const before = await read.readImage(image.repository, other);
    const isOnBefore = await isOn(before);
    if (isOnBefore || namesContent(named, before)) {
      const found = before.kind === "found" ? before.content.digest : other;
      const contradiction = `stands on ${imageName(image)}@${shortDigest(found)}, the one before ${shortDigest(expectedDigest ?? "")}`;
      return judged("contradicted", found, contradiction, isOnBefore ? before : null);
    }
  }
  const [otherDigest] = named;
  if (otherDigest !== undefined && expected.kind === "found") {
    const contradiction = `was built from ${imageName(image)}@${shortDigest(otherDigest)}, as its provenance says, not from ${shortDigest(expected.content.digest)}`;
    return judged("contradicted", otherDigest, contradiction);
  }
  return judged("unknown", expectedDigest);
}

/** Provenance names the index, or the manifest of a platform. */
function namesContent(named: readonly Material["digest"][], answer: ContentAnswer): boolean {
  if (answer.kind !== "found") return false;
  const { digest, platforms } = answer.content;
  const own = [digest, ...platforms.map(({ manifest }) => manifest)];
  return named.some((one) => own.includes(one));
}
