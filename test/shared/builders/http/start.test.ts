import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { originsOfTriggers, secretsOfTrigger } from "../../../../shared/builders/builders.ts";
import { httpSettings } from "../../../../shared/builders/http/settings.ts";
import { http } from "../../../../shared/builders/http/start.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../../stand-ins/any-server.ts";
import { build, triggerContext } from "../../../stand-ins/trigger-context.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = answering(202);
  server.asked.length = 0;
});
afterAll(() => server.close());

const hostile = '"}, "x": {"a\\';
const secrets = { A: "s3cret/6666", HOSTILE: hostile, LINES: "a\r\nx-evil: 1" };
const start = (settings: object, tag = "step-1") =>
  http.start(
    httpSettings.parse({ url: `${server.origin}/build`, ...settings }),
    { ...build, image: { repository: "acme/chain", tag } },
    triggerContext({}, secrets),
  );
const bodyOf = () => server.asked[0]?.body ?? "";

describe("a configured request", () => {
  test("may have placeholders and secrets in its path, query, headers and body", async () => {
    const settings = {
      url: `${server.origin}/{repository}/{secret:A}?tag={tag}&key={secret:A}`,
      method: "PUT",
      headers: { Authorization: "Bearer {secret:A}", "X-Run": "{run}" },
      body: { image: "{image}", deep: [{ "{step}": "{attempt}" }], n: 1 },
    };
    expect(await start(settings)).toEqual({ kind: "accepted", build: null });
    expect(server.asked).toMatchObject([
      {
        method: "PUT",
        path: "/acme%2Fchain/s3cret%2F6666?tag=step-1&key=s3cret%2F6666",
        headers: {
          authorization: "Bearer s3cret/6666",
          "x-run": "p.run-1",
          "content-type": "application/json",
        },
      },
    ]);
    expect(JSON.parse(bodyOf())).toEqual({ image: "acme/chain:step-1", deep: [{ s: "1" }], n: 1 });
  });

  test.each(["POST", "PUT", "PATCH", "GET"])("may be a %s", async (method) => {
    expect(await start({ method })).toEqual({ kind: "accepted", build: null });
    expect(server.asked).toMatchObject([{ method, path: "/build", body: "" }]);
  });

  test.each([
    [{ body: { a: "{secret:HOSTILE}{tag}" } }],
    [{ body: '{ "a": "{secret:HOSTILE}{tag}" }' }],
    [
      {
        body: '{ "a": "{secret:HOSTILE}{tag}" }',
        headers: { "content-type": "application/vnd.a+json; charset=utf-8" },
      },
    ],
  ])("has a JSON body that no value can break: %j", async (settings) => {
    await start(settings, `${hostile}\n{run}`);
    expect(JSON.parse(bodyOf())).toEqual({ a: `${hostile}${hostile}\n{run}` });
  });

  test("has a form that no value can break, and sends any other text as it is", async () => {
    await start(
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a={tag}&b=1" },
      "1&b=2",
    );
    expect(bodyOf()).toBe("a=1%26b%3D2&b=1");
    server.asked.length = 0;
    await start({ headers: { "content-type": "text/plain" }, body: "build {tag}" });
    expect(bodyOf()).toBe("build step-1");
  });

  test("sends no header that a secret would break, and does not show it", async () => {
    expect(await start({ headers: { "x-a": "{secret:LINES}" } })).toEqual({
      kind: "rejected",
      reason: "expected one line of ASCII for the header x-a, found something else (not shown)",
    });
    expect(server.asked).toEqual([]);
  });

  test("names a missing secret, and sends nothing", async () => {
    expect(await start({ headers: { "x-a": "{secret:B}" } })).toEqual({
      kind: "rejected",
      reason: "the secret B is missing",
    });
    expect(server.asked).toEqual([]);
  });
});

describe("an answer", () => {
  const elsewhere = { location: "http://127.0.0.1:9/s3cret" };
  test.each([
    [200, {}, {}, /^accepted/],
    [204, {}, {}, /^accepted/],
    [409, { ok: [200, 409] }, {}, /^accepted/],
    [303, { ok: 303 }, elsewhere, /^accepted/],
    [202, { ok: 201 }, {}, /^rejected \S+ answered 202; expected 201$/],
    [
      302,
      {},
      elsewhere,
      /^rejected \S+ answered 302: redirects are not followed; configure the URL that it redirects to$/,
    ],
    [401, {}, {}, /^rejected \S+ answered 401$/],
    [404, {}, {}, /^rejected \S+ answered 404$/],
    [429, {}, { "retry-after": "7" }, /^refused \S+ answered 429 7000$/],
    [503, {}, {}, /^refused \S+ answered 503 $/],
  ])("of %i to %j with %j has its outcome after one request", async (status, settings, headers, expected) => {
    server.answer = answering(status, "s3cret/6666", headers);
    const outcome = await start({ url: `${server.origin}/{secret:A}`, ...settings });
    const words = Object.values(outcome).join(" ");
    expect(words).toMatch(expected);
    expect(words).not.toMatch(/s3cret|6666/);
    expect(server.asked).toHaveLength(1);
  });

  test("that is cut off leaves it unknown whether a build was started", async () => {
    server.answer = cutting;
    expect(await start({})).toMatchObject({ kind: "unknown" });
  });
});

test("a trigger names the secrets and the origin that it needs", () => {
  const url = "https://ci.example.org:8443/{secret:A}";
  const settings = httpSettings.parse({ url, headers: { a: "{secret:B}" }, body: ["{secret:A}{secret:C}"] });
  const trigger = { kind: "http", ...settings } as const;
  expect(secretsOfTrigger(trigger)).toEqual(["A", "B", "C"]);
  expect(
    originsOfTriggers([{ steps: [{ trigger }, { trigger: { kind: "dockerhub", secret: "D" } }] }]),
  ).toEqual(["https://ci.example.org:8443"]);
});
