// Reads manifests and indexes in the formats of OCI and of Docker.
import * as z from "zod/mini";
import type { PlatformContent, PlatformManifest } from "../../kinds/registry.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { isDigest } from "./digest.ts";

const platformSchema = z.object({ os: z.string(), architecture: z.string(), variant: z.nullish(z.string()) });
type Platform = z.infer<typeof platformSchema>;

const indexSchema = z.object({
  manifests: z.array(
    z.object({
      digest: z.string(),
      platform: z.nullish(platformSchema),
      annotations: z.nullish(z.record(z.string(), z.unknown())),
    }),
  ),
});

const manifestSchema = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string(), mediaType: z.optional(z.string()) })),
});

export type Index = { platforms: PlatformManifest[]; attestations: string[] };

/** Null if the text is not an index. */
export function readIndex(text: string): Index | null {
  const { data } = indexSchema.safeParse(parseJson(text));
  if (data === undefined) return null;
  const entries = data.manifests.filter(({ digest }) => isDigest(digest));
  const isAttestation = (entry: (typeof entries)[number]) =>
    entry.annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  return {
    platforms: entries.flatMap(({ digest, platform }) => {
      // Attestations have the platform unknown/unknown. Each build makes new ones, also of the same image.
      if (!platform || platform.os === "unknown") return [];
      return { platform: platformName(platform), digest };
    }),
    attestations: entries.filter(isAttestation).map(({ digest }) => digest),
  };
}

/** Null if the text is not the manifest of an image. */
export function readManifest(text: string): Pick<PlatformContent, "config" | "layers"> | null {
  const { data } = manifestSchema.safeParse(parseJson(text));
  if (data === undefined) return null;
  const layers = data.layers.map(({ digest }) => digest);
  return isDigest(data.config.digest) && layers.every(isDigest)
    ? { config: data.config.digest, layers }
    : null;
}

/** The digests of the in-toto statements in an attestation manifest. */
export function statementsIn(text: string): string[] {
  const { data } = manifestSchema.safeParse(parseJson(text));
  return (data?.layers ?? [])
    .filter(({ mediaType, digest }) => mediaType === "application/vnd.in-toto+json" && isDigest(digest))
    .map(({ digest }) => digest);
}

const configSchema = z.object({
  os: z.optional(z.string()),
  architecture: z.optional(z.string()),
  variant: z.optional(z.string()),
  created: z.optional(z.string()),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

export type ImageConfig = { platform: string | null; diffIds: string[]; created: number | null };

/** Null if the text is not the configuration of an image. */
export function readConfig(text: string): ImageConfig | null {
  const { data } = configSchema.safeParse(parseJson(text));
  if (data === undefined) return null;
  const { success, data: platform } = platformSchema.safeParse(data);
  return {
    platform: success ? platformName(platform) : null,
    diffIds: data.rootfs.diff_ids,
    created: readTime(data.created),
  };
}

/** Reproducible builds have a time long ago. */
const earliestTime = Date.UTC(2013, 0);

function readTime(text: string | undefined): number | null {
  const instant = Date.parse(text ?? "");
  return Number.isNaN(instant) || instant < earliestTime ? null : instant;
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant ?? []].flat().join("/");
}
