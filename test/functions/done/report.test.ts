// The shell of the action `functions/done`, run by bash against a real server with real identity tokens.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { listen } from "../../../functions/local/server/listen.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { type Issuer, startIssuer } from "../../stand-ins/issuer.ts";
import { readJson } from "../../stand-ins/json.ts";
import { root } from "../../stand-ins/program.ts";
import { apiToken, type Fixture, startFixture } from "../../stand-ins/relay.ts";
import { serve } from "../../stand-ins/serve.ts";

let issuer: Issuer;
let builder: AnyServer;
let fixture: Fixture;
let server: { origin: string; close: () => Promise<void> };
/** Where a job of GitHub Actions gets its identity token. */
let tokens: { origin: string; close: () => Promise<void> };
let run: string;

beforeAll(async () => {
  issuer = await startIssuer();
  builder = await startAnyServer();
  builder.answer = answering(202, "");
  const trigger = { http: { url: `${builder.origin}/build` } };
  const identity = { issuer: issuer.url, claims: { repository: "acme/images" } };
  fixture = await startFixture({
    family: { trigger, identity, done: "built", retries: 0, steps: { a: { image: "acme/x:a" } } },
  });
  server = await listen(fixture.app.fetch, "127.0.0.1", 0);
  tokens = await serve(
    createServer(async (request, response) => {
      const audience = new URL(request.url ?? "", "http://x").searchParams.get("audience");
      const isAllowed = request.headers.authorization === "bearer request-token";
      if (!isAllowed) return void response.writeHead(401).end();
      const value = await issuer.sign({ aud: audience, repository: "acme/images" });
      response.end(JSON.stringify({ count: 1, value }));
    }),
  );
});
beforeEach(async () => {
  const { run: last } = await call("GET", "/pipelines/family");
  if (last?.status === "running") await call("POST", `/runs/${last.id}/cancel`);
  run = (await call("POST", "/pipelines/family/runs")).id;
});
afterAll(async () => {
  await Promise.all([server.close(), tokens.close(), issuer.close(), builder.close()]);
  await fixture.stop();
});

async function call(method: string, path: string) {
  const headers = { authorization: `Bearer ${apiToken}` };
  return readJson(await fixture.app.request(`/api${path}`, { method, headers }));
}
const stateOf = async () => (await call("GET", `/runs/${run}`)).steps[0];
const script = `${root}functions/done/report.sh`;

async function report(env: Record<string, string> = {}) {
  const given = {
    PATH: process.env.PATH,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
    ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.origin}/token?api-version=2.0`,
    TAGRELAY_URL: `${server.origin}/`,
    TAGRELAY_RUN: run,
    TAGRELAY_STEP: "a",
    TAGRELAY_STATUS: "success",
    ...env,
  };
  return promisify(execFile)("bash", [script], { env: given }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, output: stderr }),
  );
}

test("a job that succeeded ends its step", async () => {
  const { code, output } = await report();
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("advanced") });
  expect(await stateOf()).toMatchObject({ state: "done" });
});

test.each(["failure", "cancelled"])(
  "a job with the status %s fails its step, with a link",
  async (status) => {
    const url = "https://github.com/acme/images/actions/runs/7";
    expect(await report({ TAGRELAY_STATUS: status, TAGRELAY_JOB_URL: url })).toMatchObject({ code: 0 });
    expect(await stateOf()).toMatchObject({ state: "failed", reason: `the job failed: ${url}` });
  },
);

test("texts with quotes stay texts", async () => {
  await report({ TAGRELAY_STEP: 'a"b\\c' });
  const { code } = await report({ TAGRELAY_STATUS: "failure", TAGRELAY_JOB_URL: 'https://example.org/"}\\' });
  expect(code).toBe(0);
});

test.each([
  [{ ACTIONS_ID_TOKEN_REQUEST_TOKEN: "" }, "permissions: { id-token: write }"],
  [{ ACTIONS_ID_TOKEN_REQUEST_TOKEN: "wrong" }, "GitHub returned no identity token"],
  [{ TAGRELAY_RUN: "" }, "expected TAGRELAY_RUN, found none"],
  [{ TAGRELAY_STEP: "other" }, "Tagrelay answered 401"],
  [{ TAGRELAY_DIGEST: "latest" }, "Tagrelay answered 400"],
])("with %j, the step of the workflow fails and says why", async (env, message) => {
  const { code, output } = await report(env);
  expect(code).toBe(1);
  expect(output).toContain("::error title=Tagrelay::");
  expect(output).toContain(message);
});

test("the action passes each of its inputs, and the job's own status and address", () => {
  const { inputs, runs } = parse(readFileSync(`${root}functions/done/action.yml`, "utf8"));
  const [step] = runs.steps;
  const passed = Object.values<string>(step.env).join(" ");
  for (const name of Object.keys(inputs)) expect(passed).toContain(`\${{ inputs.${name} }}`);
  const names = Object.keys(step.env);
  const text = readFileSync(script, "utf8");
  for (const name of names) expect(text).toContain(name);
});
