// Reads what images consist of. Contents are kept by digest, because they never change.
import * as z from "zod/mini";
import { splitRepository } from "../../image/image.ts";
import type {
  ContentAnswer,
  ImageContent,
  Material,
  PartAnswer,
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

  const readConfigOf = async (repository: string, digest: string): Promise<PartAnswer<ImageConfig>> => {
    const known = configs.get(digest);
    if (known !== undefined) return { kind: "found", part: known };
    const answer = await requestBlob(repository, digest);
    if (answer.kind !== "answered") return unread(answer);
    const config = answer.status === 200 ? readConfig(answer.text) : null;
    if (config === null) return { kind: "missing" };
    configs.set(digest, config);
    return { kind: "found", part: config };
  };

  const readAttestation = async (repository: string, digest: string): Promise<PartAnswer<Material[]>> => {
    const answer = await requestManifest("GET", repository, digest);
    if (answer.kind !== "answered") return unread(answer);
    if (answer.status !== 200) return { kind: "missing" };
    const statements = statementsIn(answer.text).map(async (statement): Promise<PartAnswer<Material[]>> => {
      const blob = await requestBlob(repository, statement);
      if (blob.kind !== "answered") return unread(blob);
      return blob.status === 200 ? { kind: "found", part: readMaterials(blob.text) } : { kind: "missing" };
    });
    return joined(await Promise.all(statements));
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
      const config = await readConfigOf(repository, single.config);
      if (config.kind === "unknown" && config.isTemporary) return config;
      const platform = config.kind === "found" ? config.part.platform : null;
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
    readDiffIds: async (repository, { config }) => {
      const read = await readConfigOf(repository, config);
      return read.kind === "found" ? { kind: "found", part: read.part.diffIds } : read;
    },
    readCreated: async (repository, { config }) => {
      const read = await readConfigOf(repository, config);
      if (read.kind !== "found") return read;
      return read.part.created === null ? { kind: "missing" } : { kind: "found", part: read.part.created };
    },
    readMaterials: async (repository, { digest, attestations }) => {
      const known = materials.get(digest);
      if (known !== undefined) return { kind: "found", part: known };
      const read = joined(
        await Promise.all(attestations.map((attestation) => readAttestation(repository, attestation))),
      );
      if (read.kind === "found") materials.set(digest, read.part);
      return read;
    },
  };
}

/** All parts together, unless one was not found. */
function joined<Part>(answers: readonly PartAnswer<Part[]>[]): PartAnswer<Part[]> {
  const other =
    answers.find((one) => one.kind === "unknown") ?? answers.find((one) => one.kind === "missing");
  return other ?? { kind: "found", part: answers.flatMap((one) => (one.kind === "found" ? one.part : [])) };
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
