// Evidence from a registry on a real HTTP server.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExpectedBase } from "../../../shared/evidence/evidence.ts";
import { gatherEvidence } from "../../../shared/evidence/gather.ts";
import type { ReadContent } from "../../../shared/kinds/registry.ts";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../shared/registries/look-up.ts";
import { answering } from "../../stand-ins/any-server.ts";
import { type ImageRegistry, startImageRegistry } from "../../stand-ins/image-registry.ts";
import { digestOf } from "../../stand-ins/registry.ts";

let registry: ImageRegistry;
beforeEach(async () => {
  registry = await startImageRegistry();
});
afterEach(() => registry.close());

const repository = (name: string) => `${registry.host}/acme/${name}`;
const image = (name: string) => ({ repository: repository(name), tag: "1" });
const push = (
  name: string,
  ...rest: Parameters<ImageRegistry["images"]["push"]> extends [string, ...infer R] ? R : never
) => registry.images.push(`acme/${name}:1`, ...rest);
const baseOf = (digest: string | null, earlier: string[] = []): ExpectedBase => ({
  name: { kind: "step", step: "base" },
  image: image("base"),
  digest,
  earlier,
});

function gather(digest: string | null, ...bases: ExpectedBase[]) {
  const ports = { send: createSend(), origins: realOrigins, clock: Date.now, readLogin: async () => null };
  return gatherEvidence(createLookUps(ports).readContent, image("api"), digest, bases);
}
async function verdictOf(digest: string | null, ...bases: ExpectedBase[]) {
  const evidence = await gather(digest, ...bases);
  if (evidence.kind !== "found") throw new Error(evidence.reason);
  const [standsOn] = evidence.pushed.standsOn;
  return { verdict: standsOn?.verdict, digest: standsOn?.digest, contradictions: evidence.contradictions };
}

/** Manifests are still there. */
function answerBlobs(status: number) {
  const { answer } = registry;
  registry.answer = (response) =>
    registry.asked.at(-1)?.path.includes("/blobs/") === true
      ? answering(status, "{}")(response)
      : answer(response);
}

const both = (layers: string[]) => ({
  "linux/amd64": layers,
  "linux/arm64": layers.map((layer) => `${layer} arm`),
});

describe("an image stands on its base", () => {
  test("if its layers begin with those of the base, on each platform", async () => {
    const base = push("base", both(["os", "base"]));
    const api = push("api", both(["os", "base", "api"]));
    expect(await gather(api, baseOf(base))).toEqual({
      kind: "found",
      pushed: {
        digest: api,
        platforms: ["linux/amd64", "linux/arm64"],
        standsOn: [{ base: { kind: "step", step: "base" }, digest: base, verdict: "proven" }],
      },
      contradictions: [],
    });
    // Two indexes of two manifests.
    expect(registry.asked).toHaveLength(6);
  });

  test("if a platform's variant is left out in one of both", async () => {
    const base = push("base", { "linux/arm64/v8": ["os"] });
    const api = push("api", { "linux/arm64": ["os", "api"] });
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
  });

  test("if both have a single platform", async () => {
    const base = push("base", ["os"]);
    const api = push("api", ["os", "api"]);
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
    expect(await gather(api)).toMatchObject({ pushed: { platforms: ["linux/amd64"] } });
  });

  test("if its layers were compressed again", async () => {
    const base = push("base", ["os"]);
    const api = push("api", ["os by zstd", "api"], { diffIds: { "linux/amd64": ["os", "api"] } });
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
  });

  test.each(["0.2", "1"] as const)(
    "if its provenance %s names the base, as an index or a platform",
    async (slsa) => {
      const base = push("base", both(["os"]));
      const platform =
        /manifests.*?(sha256:\w+)/.exec(registry.images.manifest("", base)?.text ?? "")?.[1] ?? "";
      for (const digest of [base, platform]) {
        const materials = [{ uri: `pkg:docker/${repository("base")}@1?platform=linux%2Famd64`, digest }];
        const api = push("api", both(["squashed"]), { materials, slsa });
        expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
      }
    },
  );

  test("if the base was pushed again meanwhile, and it stands on what its tag points to now", async () => {
    const ofRun = push("base", ["os", "base"]);
    const current = push("base", ["os", "base again"]);
    const api = push("api", ["os", "base again", "api"]);
    expect(await verdictOf(api, baseOf(ofRun))).toEqual({
      verdict: "proven",
      digest: current,
      contradictions: [],
    });
  });

  test("without a digest, if it stands on what the base's tag points to", async () => {
    const base = push("base", ["os"]);
    push("api", ["os", "api"]);
    expect(await verdictOf(null, baseOf(null))).toMatchObject({ verdict: "proven", digest: base });
  });
});

test("an image whose platform is not known may stand on any platform of the base", async () => {
  const base = push("base", both(["os"]));
  const api = push("api", ["os arm", "api"]);
  answerBlobs(404);
  expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
});

describe("it is contradicted", () => {
  test("if the image stands on an earlier version of the base", async () => {
    const before = push("base", both(["os", "base 1"]));
    const base = push("base", both(["os", "base 2"]));
    const api = push("api", both(["os", "base 1", "api"]));
    expect(await verdictOf(api, baseOf(base, [before]))).toEqual({
      verdict: "contradicted",
      digest: before,
      contradictions: [
        `stands on ${repository("base")}:1@${before.slice(0, 19)}, the one before ${base.slice(0, 19)}`,
      ],
    });
  });

  test("if its provenance names another version of the base", async () => {
    const base = push("base", both(["os"]));
    const uri = `pkg:docker/${repository("base")}@1`;
    const api = push("api", both(["squashed"]), { materials: [{ uri, digest: digestOf("0") }] });
    expect(await verdictOf(api, baseOf(base))).toMatchObject({
      verdict: "contradicted",
      digest: digestOf("0"),
    });
  });
});

describe("nothing tells whether it stands on its base", () => {
  test.each([
    ["it is built from something else", ["other", "api"]],
    ["it has only some of the base's layers, as of a common base", ["os", "api"]],
  ])("if %s", async (_what, layers) => {
    const base = push("base", ["os", "base"]);
    expect(await verdictOf(push("api", layers), baseOf(base))).toEqual({
      verdict: "unknown",
      digest: base,
      contradictions: [],
    });
  });

  test("if the base has no layers", async () => {
    const base = push("base", []);
    expect(await verdictOf(push("api", ["api"]), baseOf(base))).toMatchObject({ verdict: "unknown" });
  });

  test("if the base lacks one of its platforms", async () => {
    const base = push("base", { "linux/amd64": ["os"] });
    const api = push("api", { "linux/amd64": ["os", "api"], "linux/arm64": ["other"] });
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "unknown" });
  });

  test("if the registry no longer has the base's version", async () => {
    const base = push("base", ["os"]);
    const api = push("api", ["os", "api"]);
    push("base", ["new os"]);
    registry.images.remove(base);
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "unknown", digest: base });
  });

  test("if provenance names another tag of the base's repository", async () => {
    const base = push("base", both(["os"]));
    const uri = `pkg:docker/${repository("base")}@other`;
    const api = push("api", both(["squashed"]), { materials: [{ uri, digest: digestOf("0") }] });
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "unknown" });
  });
});

test("contents are read once, by digest", async () => {
  const base = push("base", both(["os"]));
  const api = push("api", both(["os", "api"]));
  const ports = { send: createSend(), origins: realOrigins, clock: Date.now, readLogin: async () => null };
  const { readContent } = createLookUps(ports);
  await gatherEvidence(readContent, image("api"), api, [baseOf(base)]);
  const { length } = registry.asked;
  await gatherEvidence(readContent, image("api"), api, [baseOf(base)]);
  expect(registry.asked).toHaveLength(length);
});

test.each([
  [429, true, "answered 429"],
  [401, false, "answered 401"],
  [404, true, "is not at its registry"],
  [200, false, "returned no digest"],
])("an image that cannot be read, because of a %i, is not judged", async (status, isTemporary, reason) => {
  registry.answer = answering(status, "{}");
  const evidence = await gather(null, baseOf(null));
  expect(evidence).toMatchObject({ kind: "unknown", isTemporary });
  expect(evidence).toHaveProperty("reason", expect.stringContaining(reason));
});

test("a manifest that is no image is not judged", async () => {
  registry.answer = answering(200, '{"schemaVersion":2}');
  expect(await gather(digestOf("a"))).toMatchObject({ kind: "unknown", isTemporary: false });
});

describe("what cannot be read now is asked for again", () => {
  const { readContent } = createLookUps({
    send: createSend(() => true),
    origins: realOrigins,
    clock: Date.now,
    readLogin: async () => null,
  });

  test("if a base cannot be read, and nothing is contradicted", async () => {
    const digest = push("api", ["base", "api"]);
    const down: ReadContent = {
      ...readContent,
      readImage: async (name, reference) =>
        name === repository("base")
          ? { kind: "unknown", reason: "it answered 503", isTemporary: true }
          : readContent.readImage(name, reference),
    };
    const evidence = await gatherEvidence(down, image("api"), digest, [baseOf(digestOf("b"))]);
    expect(evidence).toEqual({ kind: "unknown", reason: "it answered 503", isTemporary: true });
  });

  test("if the list of uncompressed layers cannot be read", async () => {
    const platforms = { "linux/amd64": ["os by zstd", "api"] };
    const base = push("base", { "linux/amd64": ["os"] });
    const api = push("api", platforms, { diffIds: { "linux/amd64": ["os", "api"] } });
    answerBlobs(503);
    expect(await gather(api, baseOf(base))).toMatchObject({ kind: "unknown", isTemporary: true });
    answerBlobs(404);
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "unknown" });
  });

  test("but not if a registry keeps its blobs in a storage that is not known", async () => {
    const base = push("base", ["os"]);
    const api = push("api", ["os", "api"]);
    const { answer } = registry;
    registry.answer = (response) => {
      if (!registry.asked.at(-1)?.path.includes("/blobs/")) return answer(response);
      response.writeHead(307, { location: "https://storage.example.org/x" }).end();
    };
    expect(await verdictOf(api, baseOf(base))).toMatchObject({ verdict: "proven" });
  });

  test("if provenance cannot be read", async () => {
    const base = push("base", both(["os"]));
    const materials = [{ uri: `pkg:docker/${repository("base")}@1`, digest: base }];
    const api = push("api", both(["squashed"]), { materials });
    answerBlobs(503);
    expect(await gather(api, baseOf(base))).toMatchObject({ kind: "unknown", isTemporary: true });
  });

  test("if the platform of an image without an index cannot be read", async () => {
    const api = push("api", ["os", "api"]);
    answerBlobs(503);
    expect(await gather(api)).toMatchObject({ kind: "unknown", isTemporary: true });
  });

  test("if the deadline comes first, and nothing is asked after it", async () => {
    const base = push("base", ["base"]);
    const digest = push("api", ["base", "api"]);
    let now = 0;
    const asked: string[] = [];
    const slow: ReadContent = {
      ...readContent,
      readImage: async (name, reference) => {
        asked.push(name);
        now += 5_000;
        return readContent.readImage(name, reference);
      },
    };
    const judge = (bases: ExpectedBase[]) => {
      const endsAt = now + 8_000;
      asked.length = 0;
      return gatherEvidence(slow, image("api"), digest, bases, () => now > endsAt);
    };
    expect(await judge([baseOf(base)])).toMatchObject({ pushed: { standsOn: [{ verdict: "proven" }] } });
    push("base", ["another"]);
    expect(await judge([baseOf(null, [digestOf("1")])])).toEqual({
      kind: "unknown",
      reason: "the registries took too long to answer",
      isTemporary: true,
    });
    expect(asked).toEqual([repository("api"), repository("base")]);
  });
});

test("an image is not blamed for what a base of it brings along", async () => {
  const old = push("base", ["os 1"]);
  const middle = push("middle", ["os 1", "middle"]);
  const base = push("base", ["os 2"]);
  const api = push("api", ["os 1", "middle", "api"]);
  const bases = [
    { name: { kind: "step", step: "middle" }, image: image("middle"), digest: middle, earlier: [] },
    baseOf(base, [old]),
  ] satisfies ExpectedBase[];
  expect(await gather(api, ...bases)).toMatchObject({
    pushed: { standsOn: [{ verdict: "proven" }, { verdict: "unknown" }] },
    contradictions: [],
  });
  // Without the base that explains it, it was built on the old one.
  expect(await verdictOf(api, baseOf(base, [old]))).toMatchObject({ verdict: "contradicted" });
});
