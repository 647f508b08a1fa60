// POST /hooks/done: a job reports that it has built a step's image, or failed to.
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

const trigger = { github: { repository: "acme/images", workflow: "image.yml", secret: "GITHUB_TOKEN" } };
const steps = (prefix: string) => ({
  a: { image: `acme/${prefix}:a` },
  b: { image: `acme/${prefix}:b`, after: "a" },
});
const fixture: Fixture = await startFixture({
  built: { trigger, done: "built", retries: 0, steps: steps("built") },
  pushed: { trigger, confirm: "webhook", retries: 0, steps: steps("pushed") },
});
afterAll(() => fixture.stop());

const bearer = { authorization: `Bearer ${apiToken}` };
async function send(body: unknown, headers: Record<string, string> = bearer) {
  const response = await fixture.app.request("/hooks/done", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await readJson(response) };
}
async function call(method: string, path: string) {
  return readJson(await fixture.app.request(`/api${path}`, { method, headers: bearer }));
}

let run: string;
async function start(pipeline: string): Promise<void> {
  const { id } = await call("POST", `/pipelines/${pipeline}/runs`);
  run = String(id);
}
const statesOf = async () => {
  const { steps: found, status } = await call("GET", `/runs/${run}`);
  return { status, steps: found.map(({ state }: { state: string }) => state) };
};
beforeEach(async () => {
  for (const pipeline of ["built", "pushed"]) {
    const { run: last } = await call("GET", `/pipelines/${pipeline}`);
    if (last?.status === "running") await call("POST", `/runs/${last.id}/cancel`);
  }
});

const success = { conclusion: "success" };
const applied = (outcome: string) => ({
  status: 200,
  body: { outcome, pipelines: [{ step: "a", outcome }] },
});

describe("a job that succeeded", () => {
  test("ends a step that is done when it is built", async () => {
    await start("built");
    expect(await send({ run, step: "a", ...success })).toMatchObject(applied("advanced"));
    expect(await statesOf()).toEqual({ status: "running", steps: ["done", "building"] });
    expect(await send({ run, step: "a", ...success })).toMatchObject(applied("ignored"));
  });

  test("reports the push of any other step, which its registry has to confirm as for a webhook", async () => {
    await start("pushed");
    const digest = `sha256:${"a".repeat(64)}`;
    const report = { run, step: "a", image: "acme/pushed:a", digest, ...success };
    expect(await send(report)).toMatchObject(applied("advanced"));
    expect(await statesOf()).toEqual({ status: "running", steps: ["done", "building"] });
    expect(await send(report)).toMatchObject(applied("duplicate"));
  });
});

test("a job that failed fails its step, with a link to the job", async () => {
  for (const pipeline of ["built", "pushed"]) {
    await start(pipeline);
    const url = "https://ci.example.org/jobs/7";
    expect(await send({ run, step: "a", conclusion: "failure", url })).toMatchObject(applied("advanced"));
    const { steps: found } = await call("GET", `/runs/${run}`);
    expect(found[0]).toMatchObject({ state: "failed", reason: `the job failed: ${url}` });
  }
});

test.each([
  [{ run: "built.20261120T030000000-abcdef" }, /^run built\.20261120T030000000-abcdef is not active$/],
  [{ run: "gone.20261120T030000000-abcdef" }, /^no pipeline has this run and this step$/],
  [{ run: "no run" }, /^no pipeline has this run and this step$/],
  [{ step: "c" }, /^no pipeline has this run and this step$/],
  [{ image: "acme/other:a" }, /^the image of the step is acme\/built:a$/],
])("a job that no step waits for is ignored, with the reason: %j", async (other, reason) => {
  await start("built");
  const { status, body } = await send({ run, step: "a", ...success, ...other });
  expect({ status, outcome: body.outcome, pipelines: body.pipelines }).toEqual({
    status: 200,
    outcome: "ignored",
    pipelines: [],
  });
  expect(body.reason).toMatch(reason);
});

test.each([
  ["{", /JSON/],
  [{}, /^run: expected/],
  [{ run: "r", step: "a", conclusion: "cancelled" }, /^conclusion: expected .*success.*found "cancelled"/],
  [{ run: "r", step: "a", conclusion: "success", digest: "sha256:1" }, /^digest: expected/],
  [{ run: "r", step: "a", conclusion: "success", extra: 1 }, /extra/],
])("a body that is not the report of a job is refused, with the reason: %j", async (body, detail) => {
  const answer = await send(body);
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toMatch(detail);
});

test.each([undefined, "", "Bearer", `Bearer ${webhookSecret}`, apiToken])(
  "without the API token it is refused before its body is read: %j",
  async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const { status, body } = await send("{", { "content-type": "text/plain", ...headers });
    expect(status).toBe(401);
    expect(body.detail).toContain("expected the header Authorization with the API token");
  },
);

test("a report is JSON", async () => {
  expect((await send("{}", { ...bearer, "content-type": "text/plain" })).status).toBe(415);
});
