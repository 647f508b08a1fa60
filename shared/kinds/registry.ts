// The port that registries implement: how their webhooks report a push, and what can be looked up about a tag.
import type { Image } from "../image/image.ts";

/** One push of a tag, as a registry's webhook reported it. */
export type ReportedTag = {
  image: Image;
  /** What the tag points to since the push; null if the webhook does not say. */
  digest: string | null;
  /** When it was pushed, in the webhook's own unit. Two reports of one push have the same. */
  pushedAt: number | null;
};

/** What a registry's webhook contains. A batch may contain several pushes. */
export type RegistryWebhook =
  | { kind: "pushes"; pushes: ReportedTag[] }
  /** A valid webhook about something other than the push of a tag, such as a pull or a blob. */
  | { kind: "ignored"; reason: string }
  /** Not this registry's format. */
  | { kind: "invalid"; reason: string };

/** The registries whose webhooks have a route of their own. GitHub's registry reports pushes to GitHub's webhook. */
export const registryWebhookKinds = ["dockerhub", "distribution", "harbor", "quay", "acr", "gitea"] as const;
export type RegistryWebhookKind = (typeof registryWebhookKinds)[number];

export type ReadRegistryWebhook = (body: unknown) => RegistryWebhook;

/** What a registry reports about a tag. */
export type TagAnswer =
  /** When it was last pushed, by this program's clock and by Docker Hub's, and as what. Only Docker Hub tells. */
  | { kind: "pushed"; at: number; hubAt: number; digest?: string }
  /** What it points to. */
  | { kind: "found"; digest: string }
  /** The repository can be read and has no such tag. */
  | { kind: "missing" }
  /** The repository cannot be read. Asking again soon would not help. */
  | { kind: "unreadable"; reason: string }
  /** No usable answer. `requestSent`: a request left this machine. */
  | { kind: "unknown"; reason: string; retryAfterMs: number | null; requestSent: boolean };

export type LookUpTag = (image: Image) => Promise<TagAnswer>;

/** The manifest of one platform, such as `linux/arm64/v8`. */
export type PlatformManifest = { platform: string; digest: string };

export type DigestAnswer =
  /** `platforms` is null for an image of a single platform, or if the registry does not tell them. */
  | { kind: "found"; digest: string; platforms: PlatformManifest[] | null }
  /** The image does not exist or is not public; the registry's answer is the same for both. */
  | { kind: "missing" }
  | { kind: "unknown"; reason: string };

/** Takes an image's whole name, such as `library/debian:bookworm`. */
export type LookUpDigest = (image: string) => Promise<DigestAnswer>;

/** One platform of an image, as its manifest describes it. */
export type PlatformContent = {
  /** Such as `linux/arm64/v8`; null if nothing says so. */
  platform: string | null;
  manifest: string;
  /** The digest of its configuration. */
  config: string;
  /** The digests of its layers as they are stored, the lowest first. */
  layers: string[];
};

/** What an image consists of. It never changes, because its digest depends on it. */
export type ImageContent = {
  digest: string;
  platforms: PlatformContent[];
  /** The digests of the manifests with attestations, such as provenance. */
  attestations: string[];
};

export type ContentAnswer =
  | { kind: "found"; content: ImageContent }
  | { kind: "missing" }
  /** `isTemporary` if asking again later may help. */
  | { kind: "unknown"; reason: string; isTemporary: boolean };

/** A part of an image; `missing` if the image has none that can be read. */
export type PartAnswer<Part> = { kind: "found"; part: Part } | Exclude<ContentAnswer, { kind: "found" }>;

export type TagDigest = { kind: "found"; digest: string } | Exclude<ContentAnswer, { kind: "found" }>;

/** What provenance says that an image was built from, such as `pkg:docker/acme/base@1?digest=…`. */
export type Material = { uri: string; digest: string };

/** Points a tag to another image of its repository. The login has to be allowed to push. */
export type MoveTag = (
  image: Image,
  digest: string,
) => Promise<{ kind: "moved" } | { kind: "failed"; reason: string; isTemporary: boolean }>;

/** Reads what images consist of. */
export type ReadContent = {
  /** What a tag points to, by a request that registries do not count as a pull. */
  readDigest: (repository: string, tag: string) => Promise<TagDigest>;
  /** By tag or digest. */
  readImage: (repository: string, reference: string) => Promise<ContentAnswer>;
  /** The digests of the uncompressed layers, which stay the same if layers are compressed again. */
  readDiffIds: (repository: string, platform: PlatformContent) => Promise<PartAnswer<string[]>>;
  /** When the image was made. Missing if nothing says so, as for a build with a fixed time. */
  readCreated: (repository: string, platform: PlatformContent) => Promise<PartAnswer<number>>;
  /** What the image's provenance names. None if it has no provenance. */
  readMaterials: (repository: string, content: ImageContent) => Promise<PartAnswer<Material[]>>;
};
