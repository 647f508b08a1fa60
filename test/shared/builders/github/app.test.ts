import { generateKeyPairSync, verify } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { github } from "../../../../shared/builders/github/start.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../../stand-ins/any-server.ts";
import { build, now, triggerContext } from "../../../stand-ins/trigger-context.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const settings = {
  repository: "acme/web",
  event: "rebuild",
  app: { id: 4711, installation: 42, secret: "APP_KEY" },
};
const minute = 60_000;

let server: AnyServer;
let time = now;
let mintAnswer = answering(201);
let dispatchAnswer = answering(204);
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  time = now;
  server.asked.length = 0;
  const text = JSON.stringify({
    token: "ghs_s3cret7777",
    expires_at: new Date(now + 60 * minute).toISOString(),
  });
  mintAnswer = answering(201, text);
  dispatchAnswer = answering(204);
  server.answer = (response) =>
    server.asked.at(-1)?.path.startsWith("/app/") ? mintAnswer(response) : dispatchAnswer(response);
});
afterAll(() => server.close());

const contextOf = (key: string) => triggerContext({ github: server.origin }, { APP_KEY: key }, () => time);
const paths = () => server.asked.map(({ path }) => path.replace(/^\/(app|repos)\/.*$/, "$1"));

describe("a GitHub App", () => {
  test.each([
    ["as it is", pem],
    ["on one line", pem.replaceAll("\n", "\\n")],
  ])(
    "with its key %s identifies itself for ten minutes, and dispatches with the token that it receives",
    async (_how, key) => {
      expect(await github.start(settings, build, contextOf(key))).toEqual({ kind: "accepted", build: null });
      expect(server.asked).toMatchObject([
        { method: "POST", path: "/app/installations/42/access_tokens" },
        { path: "/repos/acme/web/dispatches", headers: { authorization: "Bearer ghs_s3cret7777" } },
      ]);
      const [header = "", claims = "", signature = ""] = String(server.asked[0]?.headers.authorization)
        .replace("Bearer ", "")
        .split(".");
      const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
      expect(read(header)).toEqual({ alg: "RS256", typ: "JWT" });
      expect(read(claims)).toEqual({ iat: now / 1000 - 60, exp: now / 1000 + 540, iss: "4711" });
      const isSigned = verify(
        "sha256",
        Buffer.from(`${header}.${claims}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      );
      expect(isSigned).toBe(true);
    },
  );

  test("keeps its token until a minute before it expires", async () => {
    const context = contextOf(pem);
    for (const at of [0, 59 * minute - 1, 59 * minute]) {
      time = now + at;
      await github.start(settings, build, context);
    }
    expect(paths()).toEqual(["app", "repos", "repos", "app", "repos"]);
  });

  test("requests a new token if GitHub rejects the kept one, and gives up if GitHub rejects that, too", async () => {
    const context = contextOf(pem);
    await github.start(settings, build, context);
    dispatchAnswer = answering(401, '{"message":"Bad credentials"}');
    expect(await github.start(settings, build, context)).toEqual({
      kind: "refused",
      reason: "the app's token is no longer valid; a new one will be requested",
      retryAfterMs: null,
    });
    expect(await github.start(settings, build, context)).toMatchObject({
      kind: "rejected",
      reason: "GitHub answered 401: the token of app 4711 is invalid or has expired",
    });
    expect(paths()).toEqual(["app", "repos", "repos", "app", "repos"]);
  });

  const used = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 60) };
  test.each([
    [
      401,
      {},
      "rejected",
      "no token for app 4711: GitHub answered 401: the key in APP_KEY does not belong to app 4711, or this machine's clock is wrong",
    ],
    [
      403,
      {},
      "rejected",
      "no token for app 4711: GitHub answered 403: installation 42 is suspended or not accessible",
    ],
    [403, used, "refused", "no token for app 4711: GitHub answered 403: the rate limit is used up"],
    [404, {}, "rejected", "no token for app 4711: GitHub answered 404: app 4711 has no installation 42"],
    [502, {}, "refused", "no token for app 4711: GitHub answered 502"],
    [201, {}, "refused", "no token for app 4711: GitHub's answer contains none"],
  ])(
    "that receives %i with %j instead of a token starts nothing, and reports why",
    async (status, headers, kind, reason) => {
      mintAnswer = answering(status, '{"message":"so"}', headers);
      expect(await github.start(settings, build, contextOf(pem))).toMatchObject({ kind, reason });
      expect(paths()).toEqual(["app"]);
    },
  );

  test("whose token never arrives has started nothing, and may retry", async () => {
    mintAnswer = cutting;
    expect(await github.start(settings, build, contextOf(pem))).toMatchObject({ kind: "refused" });
  });

  test.each(["", "stand-in", "-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END RSA PRIVATE KEY-----"])(
    "without a valid key sends and shows nothing: %j",
    async (key) => {
      expect(await github.start(settings, build, contextOf(key))).toEqual({
        kind: "rejected",
        reason: "expected the app's private RSA key (PEM) in APP_KEY, found something else",
      });
      expect(server.asked).toEqual([]);
    },
  );
});
