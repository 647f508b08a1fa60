// The contents of a registry: images with layers, platforms and provenance, and the documents that describe them.
import { createHash } from "node:crypto";

export type ImageOptions = {
  /** The layers as they are without compression. Default: those that are stored. */
  diffIds?: Record<string, string[]>;
  /** Image references with digests, as provenance names them. */
  materials?: { uri: string; digest: string }[];
  slsa?: "0.2" | "1";
  /** Makes the documents differ, as attestations do from build to build. */
  salt?: string;
  /** When the image says that it was made. */
  created?: string;
};

export type Document = { text: string; digest: string; type: string };
export type Images = {
  /** Stores an image with these layers for each platform, points the tag to it, and returns its digest. */
  push: (image: string, platforms: string[] | Record<string, string[]>, options?: ImageOptions) => string;
  /** Points a tag to a digest. */
  tag: (image: string, digest: string) => void;
  /** A manifest by `repository:tag` or `repository@digest`, or a blob by its digest. */
  manifest: (repository: string, reference: string) => Document | null;
  blob: (digest: string) => Document | null;
  /** Deletes a manifest. */
  remove: (digest: string) => void;
};

const oci = "application/vnd.oci.image";
export const digestOfText = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export function createImages(): Images {
  const documents = new Map<string, Document>();
  const tags = new Map<string, string>();

  const store = (content: unknown, type: string): string => {
    const text = JSON.stringify(content);
    const digest = digestOfText(text);
    documents.set(digest, { text, digest, type });
    return digest;
  };
  const storeManifest = (layers: string[], platform: string, { diffIds, created }: ImageOptions): string => {
    const [os, architecture, variant] = platform.split("/");
    const rootfs = { type: "layers", diff_ids: (diffIds?.[platform] ?? layers).map(digestOfText) };
    const config = store({ os, architecture, variant, created, rootfs }, `${oci}.config.v1+json`);
    return store(
      {
        schemaVersion: 2,
        config: { digest: config, mediaType: `${oci}.config.v1+json` },
        layers: layers.map((layer) => ({
          digest: digestOfText(layer),
          mediaType: `${oci}.layer.v1.tar+gzip`,
        })),
      },
      `${oci}.manifest.v1+json`,
    );
  };
  const storeProvenance = (subject: string, { materials = [], slsa = "1", salt = "" }: ImageOptions) => {
    const named = materials.map(({ uri, digest }) => ({ uri, digest: { sha256: digest.slice(7) } }));
    const predicate =
      slsa === "1" ? { buildDefinition: { resolvedDependencies: named } } : { materials: named };
    const predicateType =
      slsa === "1" ? "https://slsa.dev/provenance/v1" : "https://slsa.dev/provenance/v0.2";
    const type = "application/vnd.in-toto+json";
    const statement = store({ predicateType, predicate: { ...predicate, salt } }, type);
    const empty = store({}, `${oci}.config.v1+json`);
    const manifest = { config: { digest: empty }, layers: [{ digest: statement, mediaType: type }] };
    return {
      digest: store(manifest, `${oci}.manifest.v1+json`),
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": subject,
      },
    };
  };

  return {
    push: (image, platforms, options = {}) => {
      const digest = Array.isArray(platforms)
        ? storeManifest(platforms, "linux/amd64", options)
        : storeIndex(platforms, options);
      tags.set(image, digest);
      return digest;
    },
    tag: (image, digest) => void tags.set(image, digest),
    manifest: (repository, reference) => {
      const digest = reference.includes(":") ? reference : tags.get(`${repository}:${reference}`);
      return documents.get(digest ?? "") ?? null;
    },
    blob: (digest) => documents.get(digest) ?? null,
    remove: (digest) => void documents.delete(digest),
  };

  function storeIndex(platforms: Record<string, string[]>, options: ImageOptions): string {
    const manifests = Object.entries(platforms).map(([platform, layers]) => {
      const [os, architecture, variant] = platform.split("/");
      const digest = storeManifest(layers, platform, options);
      return { digest, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
    });
    const isAttested = options.materials !== undefined || options.salt !== undefined;
    const attestations = isAttested ? manifests.map(({ digest }) => storeProvenance(digest, options)) : [];
    return store({ schemaVersion: 2, manifests: [...manifests, ...attestations] }, `${oci}.index.v1+json`);
  }
}
