import { createHmac } from "node:crypto";
import { handle } from "hono/aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gatewayEvent } from "../../../stand-ins/gateway-event.ts";
import { readJson } from "../../../stand-ins/json.ts";
import {
  apiToken,
  type Fixture,
  startFixture,
  triggerSecret,
  webhookSecret,
} from "../../../stand-ins/relay.ts";

const pipelines = {
  chain: { image: "acme/chain", schedule: { every: "6h" }, sequence: ["a", "b"] },
  retried: { image: "acme/retried", sequence: ["a"] },
};
let open: Fixture;
let shut: Fixture;
let off: Fixture;

beforeAll(async () => {
  open = await startFixture(pipelines);
  shut = await startFixture(pipelines, {}, { pages: "token" });
  off = await startFixture(pipelines, {}, { pages: "off" });
}, 60_000);
afterAll(async () => {
  await open.stop();
  await shut.stop();
  await off.stop();
});

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const ownForm = {
  ...html,
  "content-type": "application/x-www-form-urlencoded",
  "sec-fetch-site": "same-origin",
};

function post(
  { app }: Fixture,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = ownForm,
) {
  return app.request(path, { method: "POST", headers, body: new URLSearchParams(form).toString() });
}

async function signIn(fixture: Fixture, token = apiToken): Promise<string> {
  const response = await post(fixture, "/sign-in", { token });
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

describe("pages", () => {
  test.each([
    ["/", "Pipelines"],
    ["/pipelines/chain", "chain"],
    ["/sign-in", "Sign in"],
  ])("are HTML that runs only this site's script: %s", async (path, heading) => {
    const response = await open.app.request(path, { headers: html });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain(`<h1>${heading}</h1>`);
    expect(text).not.toMatch(/ style=|<style| on\w+=|<script>/);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=UTF-8",
      "cache-control": "private, no-cache",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
    });
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  test("are sent again only if they have changed", async () => {
    const first = await open.app.request("/pipelines/chain");
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    const again = await open.app.request("/pipelines/chain", { headers });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const { body: run } = await start(open, "chain");
    expect((await open.app.request("/pipelines/chain", { headers })).status).toBe(200);
    await cancel(open, run.id);
  });

  test("have a style sheet, a script and an icon whose names change with their content", async () => {
    const text = await (await open.app.request("/")).text();
    const paths = [...text.matchAll(/\/assets\/[^"]+/g)].map(([path]) => path);
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const response = await open.app.request(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await response.text()).length).toBeGreaterThan(100);
    }
    expect((await open.app.request("/assets/style-old.css")).status).toBe(404);
  });

  test.each(["/pipelines/nope", "/pipelines/__proto__", "/pipelines/%E0%A4%A", "/runs/nope", "/runs/%00"])(
    "that do not exist are a page for browsers and a problem for programs: %s",
    async (path) => {
      const page = await open.app.request(path, { headers: html });
      expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
      const problem = await open.app.request(path);
      expect([problem.status, problem.headers.get("content-type")]).toEqual([
        404,
        "application/problem+json",
      ]);
    },
  );

  test("say that the store cannot be reached", async () => {
    const broken = await startFixture(pipelines);
    await broken.stopEngine();
    const response = await broken.app.request("/", { headers: html });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "10"]);
    expect(await response.text()).toContain("The store cannot be reached");
    await broken.stop();
  });

  test("contain no secret", async () => {
    const cookie = await signIn(open);
    for (const path of ["/", "/pipelines/chain", "/pipelines/retried"]) {
      const text = await (await open.app.request(path, { headers: { cookie } })).text();
      for (const secret of [apiToken, webhookSecret, triggerSecret]) expect(text).not.toContain(secret);
    }
  });
});

describe("access to pages", () => {
  test("is open if they are public, requires signing in with `token`, and is impossible if they are off", async () => {
    for (const path of ["/", "/pipelines/chain", "/runs/x"]) {
      expect((await shut.app.request(path)).status).toBe(303);
      expect((await off.app.request(path)).status).toBe(404);
    }
    for (const path of ["/sign-in", "/assets/style.css"])
      expect((await off.app.request(path)).status).toBe(404);
    expect((await post(off, "/sign-in", { token: apiToken })).status).toBe(404);
    for (const fixture of [open, shut, off]) {
      expect((await fixture.app.request("/healthz")).status).toBe(200);
      const headers = { authorization: `Bearer ${apiToken}` };
      expect((await fixture.app.request("/api/pipelines", { headers })).status).toBe(200);
    }
  });

  test("leads through the sign-in page and back", async () => {
    const response = await shut.app.request("/pipelines/chain", { headers: html });
    expect(response.headers.get("location")).toBe("/sign-in?to=%2Fpipelines%2Fchain");
    expect(await (await shut.app.request("/sign-in?to=%2Fpipelines%2Fchain")).text()).toContain(
      'name="to" value="/pipelines/chain"',
    );
    const signed = await post(shut, "/sign-in", { token: apiToken, to: "/pipelines/chain" });
    expect([signed.status, signed.headers.get("location")]).toEqual([303, "/pipelines/chain"]);
    const cookie = (signed.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect((await shut.app.request("/pipelines/chain", { headers: { cookie } })).status).toBe(200);
    expect(
      (await shut.app.request("/sign-in?to=//evil.example", { headers: { cookie } })).headers.get("location"),
    ).toBe("/");
  });

  test("requires signing in for unknown pipelines, too, so that names do not leak", async () => {
    expect((await shut.app.request("/pipelines/nope")).status).toBe(303);
  });
});

describe("signing in", () => {
  test("sets a cookie that scripts and other sites cannot read, without the token in it", async () => {
    const response = await post(shut, "/sign-in", { token: ` ${apiToken}\n` });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^tagrelay=\d+\.[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(apiToken);
  });

  test.each([
    ["https://tagrelay.example.org/sign-in", {}],
    ["http://127.0.0.1/sign-in", { "x-forwarded-proto": "https" }],
  ])("sets a cookie for https only if the request came over https: %s %j", async (url, headers) => {
    const response = await post(shut, url, { token: apiToken }, { ...ownForm, ...headers });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-tagrelay=.*; Secure; /);
  });

  test("is refused with a wrong token and a message", async () => {
    for (const token of ["wrong", "", `${apiToken}x`]) {
      const response = await post(shut, "/sign-in", { token });
      expect(response.status).toBe(401);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).toContain("This is not the API token.");
    }
  });

  test.each([
    ["too long", { token: "x".repeat(9_000) }, ownForm, 400],
    ["JSON", { token: apiToken }, { ...ownForm, "content-type": "application/json" }, 400],
    ["from another site", { token: apiToken }, { ...ownForm, "sec-fetch-site": "cross-site" }, 403],
  ])("is refused for a form that is %s", async (_what, form, headers, status) => {
    const response = await post(shut, "/sign-in", form, headers);
    expect([response.status, response.headers.get("set-cookie")]).toEqual([status, null]);
  });

  test("is undone by signing out", async () => {
    const cookie = await signIn(shut);
    const response = await post(shut, "/sign-out", {}, { ...ownForm, cookie });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    expect(response.headers.get("set-cookie")).toMatch(/^tagrelay=; Max-Age=0; /);
    expect((await post(shut, "/sign-out", {}, { ...ownForm, "sec-fetch-site": "cross-site" })).status).toBe(
      403,
    );
  });
});

describe("a cookie", () => {
  const isAccepted = async (fixture: Fixture, cookie: string) =>
    (await fixture.app.request("/", { headers: { cookie } })).status === 200;

  test("is not accepted if it is forged", async () => {
    const cookie = await signIn(shut);
    expect(await isAccepted(shut, cookie)).toBe(true);
    const [end = "", signature = ""] = cookie.slice("tagrelay=".length).split(".");
    const later = String(Number(end) + 1);
    const unkeyed = createHmac("sha256", "").update(`tagrelay session until ${end}`).digest("base64url");
    for (const forged of [
      `${later}.${signature}`,
      `${end}.${unkeyed}`,
      `${end}.`,
      end,
      "",
      apiToken,
      `${end}.${signature}x`,
    ]) {
      expect(await isAccepted(shut, `tagrelay=${forged}`), forged).toBe(false);
    }
  });

  test("expires after twelve hours, and when the token changes", async () => {
    const fixture = await startFixture(pipelines, {}, { pages: "token" });
    const cookie = await signIn(fixture);
    fixture.later(12 * 3_600_000 - 60_000);
    expect(await isAccepted(fixture, cookie)).toBe(true);
    fixture.changeToken("another-token");
    expect(await isAccepted(fixture, cookie)).toBe(false);
    fixture.changeToken(apiToken);
    fixture.later(61_000);
    expect(await isAccepted(fixture, cookie)).toBe(false);
    await fixture.stop();
  });

  test("survives API Gateway in both directions", async () => {
    const handler = handle(shut.app);
    const cookie = await signInOnLambda(handler);
    expect(cookie).toMatch(/^__Host-tagrelay=/);
    const shown = await handler(gatewayEvent("GET", "/", { cookies: [cookie] }));
    expect(shown.statusCode).toBe(200);
    expect((await handler(gatewayEvent("GET", "/"))).statusCode).toBe(303);
  });
});

describe("buttons", () => {
  test("are shown to signed-in viewers; others get a link to sign in", async () => {
    const anyone = await (await open.app.request("/pipelines/chain")).text();
    expect(anyone).not.toContain('action="/pipelines');
    expect(anyone).toContain('<a href="/sign-in?to=%2Fpipelines%2Fchain">Sign in</a> to start a run');
    const cookie = await signIn(open);
    expect(await (await open.app.request("/pipelines/chain", { headers: { cookie } })).text()).toContain(
      'action="/pipelines/chain/runs"',
    );
  });

  test("start a run from a step, cancel it and retry it", async () => {
    const headers = { ...ownForm, cookie: await signIn(open) };
    const started = await post(open, "/pipelines/chain/runs", { from: "b" }, headers);
    expect(started.status).toBe(303);
    const path = started.headers.get("location") ?? "";
    const page = async () => (await open.app.request(path, { headers })).text();
    expect(await page()).toContain(`action="${path}/cancel"`);
    expect((await post(open, `${path}/cancel`, {}, headers)).headers.get("location")).toBe(path);
    expect(await page()).toContain(`action="${path}/retry"`);
    expect((await post(open, `${path}/retry`, {}, headers)).status).toBe(303);
    const { body } = await api(open, "GET", path);
    expect(body).toMatchObject({
      status: "running",
      from: ["b"],
      steps: [{ state: "skipped" }, { state: "building" }],
    });
    await cancel(open, body.id);
  });

  test("that come too late show the reason", async () => {
    const headers = { ...ownForm, cookie: await signIn(open) };
    const { body: run } = await start(open, "retried");
    const response = await post(open, "/pipelines/retried/runs", {}, headers);
    expect(response.status).toBe(409);
    expect(await response.text()).toContain(`Run ${run.id} is active`);
    await cancel(open, run.id);
    expect((await post(open, `/runs/${run.id}/cancel`, {}, headers)).status).toBe(409);
    expect((await post(open, "/pipelines/chain/runs", { from: "nope" }, headers)).status).toBe(409);
    expect((await post(open, "/pipelines/nope/runs", {}, headers)).status).toBe(404);
    expect((await post(open, "/runs/nope/retry", {}, headers)).status).toBe(404);
  });

  test("do nothing for viewers who are not signed in, nor for other sites", async () => {
    for (const path of ["/pipelines/chain/runs", "/runs/x/cancel", "/runs/x/retry"]) {
      const response = await post(open, path, {});
      expect([response.status, response.headers.get("location")?.startsWith("/sign-in")]).toEqual([
        303,
        true,
      ]);
    }
    const cookie = await signIn(open);
    const foreign = { ...ownForm, cookie, "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    const { "sec-fetch-site": _, ...withoutSite } = { ...ownForm, cookie };
    for (const headers of [foreign, withoutSite, { ...withoutSite, origin: "null" }]) {
      expect((await post(open, "/pipelines/chain/runs", {}, headers)).status).toBe(403);
    }
    const { body } = await api(open, "GET", "/pipelines/chain");
    expect(body.run?.status).not.toBe("running");
  });
});

function api({ app }: Fixture, method: "GET" | "POST", path: string) {
  return Promise.resolve(
    app.request(`/api${path}`, { method, headers: { authorization: `Bearer ${apiToken}` } }),
  ).then(async (response) => ({ status: response.status, body: await readJson(response) }));
}
const start = (fixture: Fixture, pipeline: string) => api(fixture, "POST", `/pipelines/${pipeline}/runs`);
const cancel = (fixture: Fixture, run: string) => api(fixture, "POST", `/runs/${run}/cancel`);

type Handler = ReturnType<typeof handle>;

async function signInOnLambda(handler: Handler): Promise<string> {
  const body = new URLSearchParams({ token: apiToken }).toString();
  const { cookies = [] } = await handler(gatewayEvent("POST", "/sign-in", { headers: ownForm, body }));
  return cookies[0]?.split(";")[0] ?? "";
}
