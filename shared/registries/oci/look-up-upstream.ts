// Looks up the digest of an upstream image and, for an image of several platforms, those of its platforms. A HEAD request
// does not count as a pull; the index itself is read only if its digest is new.
import { splitImageName } from "../../image/image.ts";
import type { DigestAnswer, LookUpDigest, PlatformManifest } from "../../kinds/registry.ts";
import type { RequestManifest } from "./client.ts";
import { readTagDigest } from "./digest.ts";
import { readIndex } from "./manifests.ts";

/** An answer is kept this long, because several pipelines may be built from the same image. */
const keepMs = 60_000;

export function createLookUpUpstream(requestManifest: RequestManifest, clock: () => number): LookUpDigest {
  const recent = new Map<string, { untilMs: number; answer: Promise<DigestAnswer> }>();
  /** By image and digest. A digest's platforms never change. */
  const indexes = new Map<string, PlatformManifest[]>();

  const lookUp = async (image: string): Promise<DigestAnswer> => {
    const { repository, tag } = splitImageName(image);
    const answer = readTagDigest(await requestManifest("HEAD", repository, tag), repository);
    if (answer.kind === "missing" || (answer.kind === "unreadable" && answer.status !== null)) {
      return { kind: "missing" };
    }
    if (answer.kind !== "found") return { kind: "unknown", reason: answer.reason };
    const { digest } = answer;
    if (!isIndex(answer.header("content-type"))) return { kind: "found", digest, platforms: null };
    const key = `${repository}@${digest}`;
    const platforms = indexes.get(key) ?? (await readPlatforms(requestManifest, repository, digest));
    if (platforms !== null) indexes.set(key, platforms);
    return { kind: "found", digest, platforms };
  };

  return (image) => {
    const known = recent.get(image);
    if (known !== undefined && known.untilMs > clock()) return known.answer;
    const answer = lookUp(image);
    recent.set(image, { untilMs: clock() + keepMs, answer });
    return answer;
  };
}

function isIndex(contentType: string | null): boolean {
  return /image\.index|manifest\.list/.test(contentType ?? "");
}

/** Null if the index cannot be read; then its own digest has to do. */
async function readPlatforms(
  requestManifest: RequestManifest,
  repository: string,
  digest: string,
): Promise<PlatformManifest[] | null> {
  const answer = await requestManifest("GET", repository, digest);
  if (answer.kind !== "answered" || answer.status !== 200) return null;
  const platforms = readIndex(answer.text)?.platforms ?? [];
  return platforms.length === 0 ? null : platforms;
}
