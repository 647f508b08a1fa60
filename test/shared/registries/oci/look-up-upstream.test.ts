import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LookUpDigest } from "../../../../shared/kinds/registry.ts";
import { allowHosts, realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../../shared/registries/look-up.ts";
import { answering, cutting, staying } from "../../../stand-ins/any-server.ts";
import { digestOf, type Registry, startRegistry } from "../../../stand-ins/registry.ts";
import { withShortTimeout } from "../../../stand-ins/short-timeout.ts";

const image = "library/debian:bookworm";
const digest = digestOf("a");
let registry: Registry;
let lookUp: LookUpDigest;
let now = 0;
beforeEach(async () => {
  registry = await startRegistry();
  registry.digests.set(image, digest);
  const send = createSend();
  const origins = { ...realOrigins, registry: registry.origin };
  const ports = { send: withShortTimeout(send), origins, clock: () => now, readLogin: async () => null };
  lookUp = createLookUps(ports).lookUpDigest;
});
afterEach(() => registry.close());

/** The token service answers as usual. */
const forManifest = (answer: (response: ServerResponse) => void) => {
  const usual = registry.answer;
  registry.answer = (response) =>
    registry.asked.at(-1)?.path.startsWith("/v2/") ? answer(response) : usual(response);
};
const unknown = (reason: unknown) => ({ kind: "unknown", reason });

test("a digest is looked up with an anonymous token, without the manifest", async () => {
  expect(await lookUp(image)).toEqual({ kind: "found", digest, platforms: null });
  expect(registry.asked).toMatchObject([
    {
      method: "GET",
      path: "/token?service=registry.docker.io&scope=repository%3Alibrary%2Fdebian%3Apull",
    },
    {
      method: "HEAD",
      path: "/v2/library/debian/manifests/bookworm",
      headers: {
        authorization: "Bearer anonymous",
        accept:
          "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json",
      },
    },
  ]);
  expect(registry.asked[0]?.headers.authorization).toBeUndefined();
});

test("an image is looked up once a minute, also while an answer is awaited", async () => {
  const answers = await Promise.all([lookUp(image), lookUp(image)]);
  expect(answers).toEqual([
    { kind: "found", digest, platforms: null },
    { kind: "found", digest, platforms: null },
  ]);
  registry.digests.set(image, digestOf("b"));
  now += 59_999;
  expect(await lookUp(image)).toEqual({ kind: "found", digest, platforms: null });
  expect(registry.asked).toHaveLength(2);
  now += 1;
  expect(await lookUp(image)).toEqual({ kind: "found", digest: digestOf("b"), platforms: null });
  // The token is still valid.
  expect(registry.asked).toHaveLength(3);
});

describe("the registry's answer", () => {
  test.each([
    [404, {}, { kind: "missing" }],
    // The repository is private or does not exist.
    [401, {}, { kind: "missing" }],
    [403, {}, { kind: "missing" }],
    [429, { "retry-after": "60" }, unknown("Docker Hub's registry answered 429")],
    [500, {}, unknown("Docker Hub's registry answered 500")],
    [307, { location: "http://127.0.0.1:1/" }, unknown("Docker Hub's registry answered 307")],
    [200, {}, unknown("Docker Hub's registry returned no digest")],
    [200, { "docker-content-digest": "latest" }, unknown("Docker Hub's registry returned no digest")],
    [200, { "docker-content-digest": `${digest}0` }, unknown("Docker Hub's registry returned no digest")],
    [
      200,
      { "docker-content-digest": digest.toUpperCase() },
      unknown(expect.stringMatching(/returned no digest/)),
    ],
  ])("%i with %j means %j", async (status, headers, expected) => {
    forManifest(answering(status, "", headers));
    expect(await lookUp(image)).toEqual(expected);
    expect(registry.asked).toHaveLength(2);
  });

  test.each([
    ["that does not come in time", staying, "Docker Hub's registry: no answer in time"],
    ["that is cut off", cutting, expect.stringMatching(/^Docker Hub's registry: the connection broke/)],
  ])("%s leaves the digest unknown", async (_what, answer, reason) => {
    forManifest(answer);
    expect(await lookUp(image)).toEqual(unknown(reason));
  });
});

describe("the token service's answer", () => {
  test.each([
    [500, "{}", "Docker Hub's token service answered 500"],
    [429, "{}", "Docker Hub's token service answered 429"],
    [302, "{}", "Docker Hub's token service answered 302"],
    [200, "", "Docker Hub's token service returned no token"],
    [200, "null", "Docker Hub's token service returned no token"],
    [200, "{}", "Docker Hub's token service returned no token"],
    [200, '{"token":5}', "Docker Hub's token service returned no token"],
    [200, '{"token":"a b"}', "Docker Hub's token service returned no token"],
    [200, '{"token":"a\\r\\nx-header: 1"}', "Docker Hub's token service returned no token"],
    [200, JSON.stringify({ token: "a".repeat(16_385) }), "Docker Hub's token service returned no token"],
    [200, JSON.stringify({ token: "a".repeat(100_000) }), "Docker Hub's token service returned no token"],
  ])(
    "%i with %j leaves the digest unknown, and the registry gets no request",
    async (status, body, reason) => {
      registry.answer = answering(status, body);
      expect(await lookUp(image)).toEqual(unknown(reason));
      expect(registry.asked).toHaveLength(1);
    },
  );

  test("may have the token under its other name", async () => {
    const usual = registry.answer;
    registry.answer = (response) =>
      registry.asked.length === 1 ? answering(200, '{"access_token":"other"}')(response) : usual(response);
    expect(await lookUp(image)).toEqual({ kind: "found", digest, platforms: null });
    expect(registry.asked[1]?.headers.authorization).toBe("Bearer other");
  });
});

test.each(["https://registry-1.docker.io/v2/", "https://auth.docker.io/token"])(
  "requests to %s are allowed",
  (address) => {
    expect(allowHosts(realOrigins)(new URL(address))).toBe(true);
  },
);
