// The client against a real HTTP server that asks for logins as registries do.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allowHosts, type Origins, realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../../shared/registries/look-up.ts";
import type { Login } from "../../../../shared/registries/oci/authorize.ts";
import { type AnyServer, startAnyServer } from "../../../stand-ins/any-server.ts";
import { digestOfText } from "../../../stand-ins/images.ts";
import { digestOf } from "../../../stand-ins/registry.ts";

const digest = digestOf("a");
let server: AnyServer;
let host: string;
let now = 0;
/** What the registry accepts; null for anyone. */
let accepted: string | null;
let challenge: string;
let token: Record<string, unknown>;

beforeEach(async () => {
  server = await startAnyServer();
  host = new URL(server.origin).host;
  accepted = null;
  challenge = `Bearer realm="${server.origin}/token",service="the registry",scope="repository:ignored:pull"`;
  token = { token: "first", expires_in: 300 };
  server.answer = (response) => {
    const asked = server.asked.at(-1);
    if (asked?.path.startsWith("/token")) return void response.end(JSON.stringify(token));
    const { authorization } = asked?.headers ?? {};
    if (accepted !== null && authorization !== accepted) {
      return void response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    response.writeHead(200, { "docker-content-digest": digest }).end();
  };
});
afterEach(() => server.close());

function lookUp(
  image: { repository: string; tag: string },
  login: Login | null = null,
  origins: Origins = realOrigins,
) {
  const send = createSend(allowHosts(origins));
  return createLookUps({ send, origins, clock: () => now, readLogin: async () => login }).lookUpTag(image);
}
const image = () => ({ repository: `${host}/acme/api`, tag: "1" });
const paths = () => server.asked.map(({ method, path }) => `${method} ${path}`);

test("a registry on this machine is asked by http, without a login if it wants none", async () => {
  expect(await lookUp(image())).toEqual({ kind: "found", digest });
  expect(paths()).toEqual(["HEAD /v2/acme/api/manifests/1"]);
  expect(server.asked[0]?.headers.accept).toContain("application/vnd.oci.image.index.v1+json");
});

test("another registry is asked at the server that replaces it", async () => {
  const origins = { ...realOrigins, registries: new Map([["registry.example.org:5000", server.origin]]) };
  accepted = "Bearer first";
  const there = { repository: "registry.example.org:5000/team/api", tag: "1" };
  expect(await lookUp(there, null, origins)).toEqual({ kind: "found", digest });
  expect(paths()).toEqual([
    "HEAD /v2/team/api/manifests/1",
    "GET /token?service=the+registry&scope=repository%3Ateam%2Fapi%3Apull",
    "HEAD /v2/team/api/manifests/1",
  ]);
});

describe("a login", () => {
  const login = { username: "bot", password: "pass:word" };
  const basic = `Basic ${Buffer.from("bot:pass:word").toString("base64")}`;

  test("is exchanged for a token, which is used until it expires", async () => {
    accepted = "Bearer first";
    const send = createSend();
    const ports = { send, origins: realOrigins, clock: () => now, readLogin: async () => login };
    const { lookUpTag } = createLookUps(ports);
    expect(await lookUpTag(image())).toEqual({ kind: "found", digest });
    expect(server.asked[1]?.headers.authorization).toBe(basic);
    await lookUpTag(image());
    expect(server.asked).toHaveLength(4);
    now += 300_000;
    token = { access_token: "second" };
    accepted = "Bearer second";
    expect(await lookUpTag(image())).toEqual({ kind: "found", digest });
    expect(server.asked).toHaveLength(7);
  });

  test("is sent itself if the registry asks for that", async () => {
    challenge = 'Basic realm="a registry"';
    accepted = basic;
    expect(await lookUp(image(), login)).toEqual({ kind: "found", digest });
    expect(paths()).toHaveLength(2);
  });

  test("that is missing or wrong makes the image unreadable", async () => {
    challenge = 'Basic realm="a registry"';
    accepted = basic;
    const reason = `${host} asks for a login, and the configuration has none for it`;
    expect(await lookUp(image())).toEqual({ kind: "unreadable", reason });
    const wrong = { username: "bot", password: "wrong" };
    expect(await lookUp(image(), wrong)).toEqual({ kind: "unreadable", reason: `${host} answered 401` });
  });

  test("whose secret cannot be read leaves the answer unknown", async () => {
    accepted = basic;
    const readLogin = () => Promise.reject(new Error("no such parameter"));
    const { lookUpTag } = createLookUps({
      send: createSend(),
      origins: realOrigins,
      clock: () => now,
      readLogin,
    });
    expect(await lookUpTag(image())).toEqual({
      kind: "unknown",
      reason: `the secret of the login for ${host} could not be read`,
      retryAfterMs: null,
      requestSent: false,
    });
  });
});

test("a tag is moved with a token that may push, byte by byte, while reading asks for no such token", async () => {
  const text = '{"schemaVersion":2, "manifests":[]}';
  const type = "application/vnd.oci.image.index.v1+json";
  const index = digestOfText(text);
  server.answer = (response) => {
    const { path = "", method = "", headers: { authorization } = {} } = server.asked.at(-1) ?? {};
    const right = method === "PUT" ? "write" : "read";
    if (path.startsWith("/token")) {
      return void response.end(JSON.stringify({ token: path.includes("push") ? "write" : "read" }));
    }
    if (authorization !== `Bearer ${right}`) {
      return void response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    response.writeHead(method === "PUT" ? 201 : 200, { "content-type": type }).end(text);
  };
  const readLogin = async () => ({ username: "bot", password: "secret" });
  const ports = { send: createSend(), origins: realOrigins, clock: () => now, readLogin };
  const { moveTag } = createLookUps(ports);
  expect(await moveTag(image(), index)).toEqual({ kind: "moved" });
  const put = server.asked.findLast(({ method }) => method === "PUT");
  expect(put).toMatchObject({
    path: "/v2/acme/api/manifests/1",
    body: text,
    headers: { "content-type": type },
  });
  expect(await moveTag(image(), digest)).toEqual({
    kind: "failed",
    isTemporary: false,
    reason: `the registry returned another manifest than ${digest.slice(0, 19)}`,
  });
});

describe("a token service", () => {
  test.each([
    ["on a loopback address", "http://127.0.0.1:9/token", "http://127.0.0.1:9"],
    ["on a link-local address", "http://169.254.169.254/token", "http://169.254.169.254"],
    ["on another domain", "https://tokens.example.com/token", "https://tokens.example.com"],
    ["without encryption", "http://registry.example.org/token", "http://registry.example.org"],
    ["on a domain that only ends alike", "https://evilexample.org/token", "https://evilexample.org"],
    ["at a parent that is no domain", "https://org/token", "https://org"],
  ])("%s gets no request, and the reason names it", async (_where, realm, origin) => {
    const origins = { ...realOrigins, others: server.origin };
    challenge = `Bearer realm="${realm}"`;
    accepted = "Bearer first";
    const there = { repository: "registry.example.org/team/api", tag: "1" };
    expect(await lookUp(there, { username: "bot", password: "secret" }, origins)).toEqual({
      kind: "unreadable",
      reason: `registry.example.org names ${origin} as its token service, which is not one of its own hosts`,
    });
    expect(paths()).toEqual(["HEAD /at/registry.example.org/v2/team/api/manifests/1"]);
  });

  test.each([
    ["registry.gitlab.com", "https://gitlab.com/jwt/auth"],
    ["ghcr.io", "https://ghcr.io/token"],
    ["lscr.io", "https://ghcr.io/token"],
  ])("of %s at %s is asked", async (registry, realm) => {
    const requested: string[] = [];
    const { lookUpTag } = createLookUps({
      send: async ({ url }) => {
        requested.push(url);
        const header = () => (url.includes("/v2/") ? `Bearer realm="${realm}"` : null);
        return { kind: "answered", status: 401, header, text: "" };
      },
      origins: realOrigins,
      clock: () => now,
      readLogin: async () => null,
    });
    const tokenService = `the token service of ${registry}`;
    const reason = `${tokenService} answered 401`;
    expect(await lookUpTag({ repository: `${registry}/a/b`, tag: "1" })).toEqual({
      kind: "unreadable",
      reason,
    });
    expect(requested.at(-1)).toBe(`${realm}?scope=repository%3Aa%2Fb%3Apull`);
  });

  test("without a usable token leaves the answer unknown", async () => {
    accepted = "Bearer first";
    token = { token: "a\r\nb" };
    expect(await lookUp(image())).toMatchObject({
      kind: "unknown",
      reason: `the token service of ${host} returned no token`,
    });
  });
});

test.each([
  [404, {}, { kind: "missing" }],
  [403, {}, { kind: "unreadable" }],
  [429, { "retry-after": "60" }, { kind: "unknown", retryAfterMs: 60_000, requestSent: true }],
  [503, {}, { kind: "unknown", retryAfterMs: null, requestSent: true }],
  [200, {}, { kind: "unknown", requestSent: true }],
])("the answer %i with %j is understood", async (status, headers, answer) => {
  server.answer = (response) => void response.writeHead(status, headers).end();
  expect(await lookUp(image())).toMatchObject(answer);
});

describe("an index", () => {
  const amd64 = { digest: digestOf("b"), platform: { os: "linux", architecture: "amd64" } };
  const arm64 = { digest: digestOf("c"), platform: { os: "linux", architecture: "arm64", variant: "v8" } };
  const attestation = { digest: digestOf("d"), platform: { os: "unknown", architecture: "unknown" } };

  test("is read once for each digest, and its attestations are left out", async () => {
    server.answer = (response) => {
      const headers = {
        "docker-content-digest": digest,
        "content-type": "application/vnd.oci.image.index.v1+json",
      };
      response.writeHead(200, headers);
      response.end(
        server.asked.at(-1)?.method === "GET"
          ? JSON.stringify({ manifests: [amd64, arm64, attestation] })
          : undefined,
      );
    };
    const ports = { send: createSend(), origins: realOrigins, clock: () => now, readLogin: async () => null };
    const { lookUpDigest } = createLookUps(ports);
    const expected = {
      kind: "found",
      digest,
      platforms: [
        { platform: "linux/amd64", digest: digestOf("b") },
        { platform: "linux/arm64/v8", digest: digestOf("c") },
      ],
    };
    expect(await lookUpDigest(`${host}/acme/api:1`)).toEqual(expected);
    now += 60_000;
    expect(await lookUpDigest(`${host}/acme/api:1`)).toEqual(expected);
    expect(paths()).toEqual([
      "HEAD /v2/acme/api/manifests/1",
      `GET /v2/acme/api/manifests/${digest}`,
      "HEAD /v2/acme/api/manifests/1",
    ]);
  });
});
