// POST /hooks/done with identity tokens that a real issuer has signed.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { type Claims, type Issuer, startIssuer } from "../../../stand-ins/issuer.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture } from "../../../stand-ins/relay.ts";

let issuer: Issuer;
let other: Issuer;
let builder: AnyServer;
let fixture: Fixture;
let run: string;
beforeAll(async () => {
  [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  builder = await startAnyServer();
  builder.answer = answering(202, "");
  const trigger = { http: { url: `${builder.origin}/build` } };
  const identity = { issuer: issuer.url, claims: { repository: "acme/images", ref: "refs/heads/main" } };
  fixture = await startFixture({
    family: {
      trigger,
      identity,
      done: "built",
      retries: 0,
      steps: { a: { image: "acme/x:a" }, b: { image: "acme/x:b", after: "a" } },
    },
    other: { trigger, done: "built", steps: { a: { image: "acme/y:a" } } },
  });
});
beforeEach(async () => {
  const { run: last } = await call("GET", "/pipelines/family");
  if (last?.status === "running") await call("POST", `/runs/${last.id}/cancel`);
  run = (await call("POST", "/pipelines/family/runs")).id;
  fixture.logLines.length = 0;
});
afterAll(async () => {
  await fixture.stop();
  await Promise.all([issuer.close(), other.close(), builder.close()]);
});

async function call(method: string, path: string) {
  const headers = { authorization: `Bearer ${apiToken}` };
  return readJson(await fixture.app.request(`/api${path}`, { method, headers }));
}
async function report(token: string | null, step = "a") {
  const response = await fixture.app.request("/hooks/done", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ run, step, conclusion: "success" }),
  });
  return { status: response.status, body: await readJson(response) };
}
const claimsFor = (step: string): Claims => ({
  aud: `tagrelay:${run}:${step}`,
  repository: "acme/images",
  ref: "refs/heads/main",
});
const logged = () =>
  fixture.logLines.map((line) => JSON.parse(line)).find(({ event }) => event === "webhook.refused");
const stateOfA = async () => (await call("GET", `/runs/${run}`)).steps[0].state;

test("a job is believed by its identity, without a webhook and without a stored secret", async () => {
  const { status, body } = await report(await issuer.sign(claimsFor("a")));
  expect({ status, outcome: body.outcome }).toEqual({ status: 200, outcome: "advanced" });
  expect(await stateOfA()).toBe("done");
});

test("repositories are the same in any case, as they are for GitHub", async () => {
  const token = await issuer.sign({ ...claimsFor("a"), repository: "Acme/Images" });
  expect((await report(token)).status).toBe(200);
});

test("a clock may be off by a minute", async () => {
  const seconds = Math.floor(Date.now() / 1000);
  expect((await report(await issuer.sign({ ...claimsFor("a"), exp: seconds - 30 }))).status).toBe(200);
});

describe("a token is refused, with the reason in the log and none in the answer:", () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const cases: [string, () => Promise<string | null>, RegExp][] = [
    ["none", async () => null, /found none/],
    ["one that is no identity token", async () => "nonsense", /found another token/],
    ["another issuer's", () => other.sign(claimsFor("a")), /not valid/],
    [
      "another issuer's that claims to be the right one",
      () => other.sign({ ...claimsFor("a"), iss: issuer.url }),
      /signature verification failed/,
    ],
    ["for another audience", () => issuer.sign({ ...claimsFor("a"), aud: "sigstore" }), /"aud" claim/],
    ["without an audience", () => issuer.sign({ ...claimsFor("a"), aud: null }), /"aud" claim/],
    ["for another step", () => issuer.sign(claimsFor("b")), /"aud" claim/],
    [
      "for an earlier run",
      () => issuer.sign({ ...claimsFor("a"), aud: "tagrelay:family.20251120T030000123-k3f9a1:a" }),
      /"aud" claim/,
    ],
    [
      "another repository's",
      () => issuer.sign({ ...claimsFor("a"), repository: "acme/other" }),
      /claim repository to be "acme\/images", found "acme\/other"/,
    ],
    ["one without a repository", () => issuer.sign({ ...claimsFor("a"), repository: null }), /found none/],
    [
      "another branch's",
      () => issuer.sign({ ...claimsFor("a"), ref: "refs/heads/Main" }),
      /claim ref to be "refs\/heads\/main"/,
    ],
    ["an expired one", () => issuer.sign({ ...claimsFor("a"), exp: seconds() - 120 }), /"exp" claim/],
    ["one that never expires", () => issuer.sign({ ...claimsFor("a"), exp: null }), /"exp" claim/],
    [
      "one that is not valid yet",
      () => issuer.sign({ ...claimsFor("a"), nbf: seconds() + 120 }),
      /"nbf" claim/,
    ],
    [
      "an unsigned one",
      async () => {
        const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
        return `${part({ alg: "none" })}.${part({ ...claimsFor("a"), iss: issuer.url, exp: seconds() + 60 })}.x`;
      },
      /not valid/,
    ],
  ];

  test.each(cases)("%s", async (_what, sign, reason) => {
    const { status, body } = await report(await sign());
    expect({ status, detail: body.detail }).toEqual({
      status: 401,
      detail:
        "expected the header Authorization with the API token or with an identity token of the step's job, found none that is valid",
    });
    expect(logged()).toMatchObject({ status: 401, reason: expect.stringMatching(reason) });
    expect(await stateOfA()).toBe("building");
  });

  test("any for a step that no job may report", async () => {
    const id = (await call("POST", "/pipelines/other/runs")).id;
    const token = await issuer.sign({ ...claimsFor("a"), aud: `tagrelay:${id}:a` });
    run = id;
    expect((await report(token)).status).toBe(401);
    expect(logged()).toMatchObject({ reason: expect.stringContaining("no job may report the end of step") });
    await call("POST", `/runs/${id}/cancel`);
  });
});

test("no part of a token reaches the log", async () => {
  const token = await issuer.sign(claimsFor("b"));
  await report(token);
  for (const part of token.split(".")) expect(fixture.logLines.join("\n")).not.toContain(part);
});

test("keys are kept, and read again for a token with an unknown key", async () => {
  await report(await issuer.sign(claimsFor("a")));
  const before = issuer.asked.length;
  await report(await issuer.sign(claimsFor("a")));
  expect(issuer.asked).toHaveLength(before);
  await issuer.changeKey();
  fixture.later(2 * 60_000);
  expect((await report(await issuer.sign(claimsFor("a")))).status).toBe(200);
  expect(issuer.asked.slice(before)).toEqual(["/.well-known/openid-configuration", "/keys"]);
});

test("keys from elsewhere than the issuer are not read", async () => {
  issuer.document = { issuer: issuer.url, jwks_uri: `${other.url}/keys` };
  fixture.later(2 * 60 * 60_000);
  const asked = other.asked.length;
  const seconds = Math.floor(Date.now() / 1000) + 2 * 60 * 60 + 120;
  expect((await report(await issuer.sign({ ...claimsFor("a"), exp: seconds + 600 }))).status).toBe(401);
  expect(other.asked).toHaveLength(asked);
  expect(logged()).toMatchObject({ reason: expect.stringContaining("names its own keys") });
});
