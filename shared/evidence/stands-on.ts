// Whether an image was built from another: per platform, its layers begin with those of its base.
import type { Image } from "../image/image.ts";
import type { ImageContent, Material, PlatformContent, ReadContent } from "../kinds/registry.ts";

export type ImageAt = { repository: string; content: ImageContent };

/** Whether each platform of the image is known to stand on the base. */
export async function isBuiltOn(read: ReadContent, image: ImageAt, base: ImageAt): Promise<boolean> {
  const pairs = image.content.platforms.map((own) => ({ own, below: candidatesBelow(own, base.content) }));
  if (pairs.length === 0 || pairs.some(({ below }) => below.length === 0)) return false;
  const checks = pairs.map(async ({ own, below }) => {
    if (below.some(({ layers }) => beginsWith(own.layers, layers))) return true;
    // Layers that were compressed again have other digests.
    const ownIds = await read.readDiffIds(image.repository, own);
    if (ownIds.kind !== "found") return false;
    const belowIds = await Promise.all(below.map((one) => read.readDiffIds(base.repository, one)));
    return belowIds.some((ids) => ids.kind === "found" && beginsWith(ownIds.part, ids.part));
  });
  return (await Promise.all(checks)).every(Boolean);
}

/** What the platform may stand on: the same platform of the base. A base without layers would match every image. */
function candidatesBelow(own: PlatformContent, base: ImageContent): PlatformContent[] {
  return base.platforms.filter((below) => below.layers.length > 0 && isSamePlatform(own, below));
}

/** An unknown platform matches any. */
function isSamePlatform({ platform: one }: PlatformContent, { platform: other }: PlatformContent): boolean {
  return one === null || other === null || usualPlatform(one) === usualPlatform(other);
}

/** `linux/arm64` always means its variant v8, which some builders leave out. */
export function usualPlatform(platform: string): string {
  return platform.replace(/^(.+\/arm64)\/v8$/, "$1");
}

function beginsWith(items: readonly string[], start: readonly string[]): boolean {
  return start.length <= items.length && start.every((item, index) => items[index] === item);
}

/** The digests that provenance names for the image, each of an index or of a platform. */
export function digestsInProvenance(materials: readonly Material[], image: Image): string[] {
  return materials.filter(({ uri }) => isMaterialOf(uri, image)).map(({ digest }) => digest);
}

/**
 * Reads package URLs as BuildKit writes them: `pkg:docker/acme/base@latest?platform=linux%2Famd64`, for another registry
 * `pkg:docker/ghcr.io/acme/base@latest`, and for Docker's official images `pkg:docker/debian@bookworm`. A base that was named
 * by its digest has no tag.
 */
function isMaterialOf(uri: string, { repository, tag }: Image): boolean {
  const [, path = "", named] = /^pkg:(?:docker|oci)\/([^@?#]+)(?:@([^?#]+))?/.exec(decodePercent(uri)) ?? [];
  const isSameTag = named === undefined || named === tag || named.startsWith("sha256:");
  return isSameTag && (path.includes("/") ? path : `library/${path}`) === repository;
}

function decodePercent(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}
