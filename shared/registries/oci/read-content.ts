// Reads what images consist of. Contents are kept by digest, because they never change.
import * as z from "zod/mini";
import { splitRepository } from "../../image/image.ts";
import type {
  ContentAnswer,
  ImageContent,
  Material,
  PlatformContent,
  ReadContent,
} from "../../kinds/registry.ts";
import { parseJson } from "../../validation/parse-json.ts";
import type { NoAnswer } from "./authorize.ts";
import type { RegistryClient } from "./client.ts";
import { isDigest } from "./digest.ts";
import { type ImageConfig, readConfig, readIndex, readManifest, statementsIn } from "./manifests.ts";
import { registryName } from "./registry-name.ts";

/** Enough for a large family. Each takes some kilobytes. */
const maxKept = 500;

export function createReadContent({ requestManifest, requestBlob }: RegistryClient): ReadContent {
  const contents = createMemory<ImageContent>();
  const configs = createMemory<ImageConfig>();
  const materials = createMemory<Material[]>();

  const readConfigOf = async (repository: string, digest: string): Promise<ImageConfig | null> => {
    const known = configs.get(digest);
    if (known !== undefined) return known;
    const answer = await requestBlob(repository, digest);
    const config = answer.kind === "answered" && answer.status === 200 ? readConfig(answer.text) : null;
    if (config !== null) configs.set(digest, config);
    return config;
  };

  const readPlatform = async (
    repository: string,
    platform: string,
    manifest: string,
  ): Promise<PlatformContent | Unread> => {
    const answer = await requestManifest("GET", repository, manifest);
    if (answer.kind !== "answered") return unread(answer);
    const read = answer.status === 200 ? readManifest(answer.text) : null;
    return read === null ? noImage(repository, manifest) : { platform, manifest, ...read };
  };

  /** What tags pointed to. A HEAD request is cheaper than reading an image again, and Docker Hub does not count it as a pull. */
  const digests = createMemory<string>();
  const lookUpKnown = async (repository: string, tag: string): Promise<ImageContent | null> => {
    const digest = digests.get(`${repository}:${tag}`);
    const content = digest === undefined ? undefined : contents.get(`${repository}@${digest}`);
    if (content === undefined) return null;
    const answer = await requestManifest("HEAD", repository, tag);
    const isSame = answer.kind === "answered" && answer.header("docker-content-digest") === content.digest;
    return isSame ? content : null;
  };

  const readDigest: ReadContent["readDigest"] = async (repository, tag) => {
    const answer = await requestManifest("HEAD", repository, tag);
    if (answer.kind !== "answered") return unread(answer);
    if (answer.status === 404) return { kind: "missing" };
    const digest = answer.header("docker-content-digest");
    return isDigest(digest)
      ? { kind: "found", digest }
      : unreadable(`${whoIs(repository)} returned no digest`);
  };

  const readImage: ReadContent["readImage"] = async (repository, reference) => {
    const known = isDigest(reference)
      ? contents.get(`${repository}@${reference}`)
      : await lookUpKnown(repository, reference);
    if (known !== undefined && known !== null) return { kind: "found", content: known };
    const answer = await requestManifest("GET", repository, reference);
    if (answer.kind !== "answered") return unread(answer);
    if (answer.status === 404) return { kind: "missing" };
    const header = answer.header("docker-content-digest");
    const digest = isDigest(reference) ? reference : isDigest(header) ? header : null;
    if (digest === null) return unreadable(`${whoIs(repository)} returned no digest`);
    const found = await readContentOf(repository, digest, answer.text);
    if (found.kind !== "found") return found;
    contents.set(`${repository}@${digest}`, found.content);
    if (!isDigest(reference)) digests.set(`${repository}:${reference}`, digest);
    return found;
  };

  const readContentOf = async (repository: string, digest: string, text: string): Promise<ContentAnswer> => {
    const single = readManifest(text);
    if (single !== null) {
      const platform = (await readConfigOf(repository, single.config))?.platform ?? null;
      const platforms = [{ platform, manifest: digest, ...single }];
      return { kind: "found", content: { digest, platforms, attestations: [] } };
    }
    const index = readIndex(text);
    if (index === null) return noImage(repository, digest);
    const platforms = await Promise.all(
      index.platforms.map((each) => readPlatform(repository, each.platform, each.digest)),
    );
    const missing = platforms.find((each): each is Unread => "kind" in each);
    if (missing !== undefined) return missing;
    const found = platforms.flatMap((each) => ("kind" in each ? [] : each));
    return { kind: "found", content: { digest, platforms: found, attestations: index.attestations } };
  };

  return {
    readDigest,
    readImage,
    readDiffIds: async (repository, { config }) => (await readConfigOf(repository, config))?.diffIds ?? null,
    readCreated: async (repository, { config }) => (await readConfigOf(repository, config))?.created ?? null,
    readMaterials: async (repository, { digest, attestations }) => {
      const known = materials.get(digest);
      if (known !== undefined) return known;
      const read = await Promise.all(
        attestations.map(async (attestation) => {
          const answer = await requestManifest("GET", repository, attestation);
          if (answer.kind !== "answered" || answer.status !== 200) return null;
          const statements = await Promise.all(
            statementsIn(answer.text).map(async (statement) => {
              const blob = await requestBlob(repository, statement);
              return blob.kind === "answered" && blob.status === 200 ? readMaterials(blob.text) : null;
            }),
          );
          return statements.some((one) => one === null) ? null : statements.flatMap((one) => one ?? []);
        }),
      );
      if (read.some((one) => one === null)) return null;
      const found = read.flatMap((one) => one ?? []);
      materials.set(digest, found);
      return found;
    },
  };
}

type Unread = Exclude<ContentAnswer, { kind: "found" }>;

function unread(answer: NoAnswer): Unread {
  return { kind: "unknown", reason: answer.reason, isTemporary: answer.kind === "unknown" };
}

function unreadable(reason: string): Unread {
  return { kind: "unknown", reason, isTemporary: false };
}

function noImage(repository: string, digest: string): Unread {
  return unreadable(`${whoIs(repository)} returned no image for ${repository}@${digest}`);
}

function whoIs(repository: string): string {
  return registryName(splitRepository(repository).host);
}

const digestSet = z.object({ uri: z.string(), digest: z.object({ sha256: z.string() }) });
/** SLSA's provenance: `materials` in its version 0.2, `resolvedDependencies` in version 1. */
const statementSchema = z.object({
  predicate: z.object({
    materials: z.optional(z.array(z.unknown())),
    buildDefinition: z.optional(z.object({ resolvedDependencies: z.optional(z.array(z.unknown())) })),
  }),
});

/** None if the statement is about something else, such as an SBOM. */
function readMaterials(text: string): Material[] {
  const { data } = statementSchema.safeParse(parseJson(text));
  const { materials = [], buildDefinition } = data?.predicate ?? {};
  return [...materials, ...(buildDefinition?.resolvedDependencies ?? [])].flatMap((material) => {
    const read = digestSet.safeParse(material);
    return read.success ? { uri: read.data.uri, digest: `sha256:${read.data.digest.sha256}` } : [];
  });
}

/** Keeps the values that were added last. */
function createMemory<Value>() {
  const kept = new Map<string, Value>();
  return {
    get: (key: string) => kept.get(key),
    set: (key: string, value: Value) => {
      if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? "");
      kept.set(key, value);
    },
  };
}
