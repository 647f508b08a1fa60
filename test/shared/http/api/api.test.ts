import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apply } from "../../../../shared/relay/apply.ts";
import { newRunId } from "../../../../shared/relay/relay.ts";
import { pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(
    {
      chain: {
        image: "acme/chain",
        schedule: { cron: "0 0 * * *", timezone: "Europe/Paris" },
        sequence: ["a", "b"],
      },
      graph: {
        steps: { base: { image: "acme/base:1" }, api: { image: "acme/api:1", after: "base" } },
      },
      listed: { image: "acme/listed", sequence: ["only"] },
      retried: { image: "acme/retried", sequence: ["a", "b"] },
      family: {
        after: ["chain", "graph"],
        source: { github: "acme/images", paths: "!docs/**" },
        maxParallel: 2,
        account: "cellar",
        steps: { x: { image: "acme/x:1", upstream: "debian:12", paths: "x/**" } },
      },
    },
    { cellar: { maxParallel: 3 } },
  );
});
afterAll(() => fixture.stop());

async function api(method: "GET" | "POST", path: string, body?: string, token: string | null = apiToken) {
  const response = await fixture.app.request(`/api${path}`, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
  const type = response.headers.get("content-type");
  return { status: response.status, type, headers: response.headers, body: await readJson(response) };
}

const push = (repository: string, tag: string) =>
  fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: pushWebhook(repository, tag),
  });

const problem = (status: number, detail: string) => ({
  status,
  type: "application/problem+json",
  body: { type: "about:blank", status, detail },
});

describe("the token", () => {
  test.each([
    ["none", undefined],
    ["a wrong one", "Bearer wrong"],
    ["another scheme", `Basic ${apiToken}`],
    ["an empty one", "Bearer "],
  ])("is required with 401: %s", async (_what, authorization) => {
    const response = await fixture.app.request("/api/pipelines", {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="tagrelay"');
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("is required on every path, so that strangers learn nothing about what exists", async () => {
    expect((await api("GET", "/pipelines/nope", undefined, null)).status).toBe(401);
    expect((await api("POST", "/pipelines/chain/runs", undefined, null)).status).toBe(401);
    expect((await api("GET", "/nowhere", undefined, null)).status).toBe(401);
  });
});

describe("pipelines", () => {
  test("are listed with their steps and their last run", async () => {
    const { status, body } = await api("GET", "/pipelines");
    expect(status).toBe(200);
    expect(body.pipelines.map(({ name }: { name: string }) => name)).toEqual([
      "chain",
      "graph",
      "listed",
      "retried",
      "family",
    ]);
    expect(body.pipelines[1]).toEqual({
      name: "graph",
      steps: [
        { name: "base", image: "acme/base:1", after: [], trigger: "dockerhub" },
        { name: "api", image: "acme/api:1", after: ["base"], trigger: "dockerhub" },
      ],
      confirm: "auto",
      run: null,
    });
  });

  test("show what starts them, and what limits them", async () => {
    const { body } = await api("GET", "/pipelines/family");
    expect(body).toEqual({
      name: "family",
      after: ["chain", "graph"],
      source: { github: "acme/images", branches: ["main"], paths: ["!docs/**"] },
      maxParallel: 2,
      steps: [
        {
          name: "x",
          image: "acme/x:1",
          after: [],
          trigger: "dockerhub",
          upstreams: ["library/debian:12"],
          paths: ["x/**"],
          account: { name: "cellar", maxParallel: 3 },
        },
      ],
      confirm: "auto",
      run: null,
    });
  });

  test("show what runs after the active run", async () => {
    const pipeline = fixture.relay.pipelines.get("graph");
    if (pipeline === undefined) throw new Error("expected a pipeline");
    const { body: run } = await api("POST", "/pipelines/graph/runs");
    const seen = { name: "source acme/images main", value: "1" };
    const start = {
      newRunId: newRunId(fixture.relay, pipeline),
      cause: "source",
    } as const;
    await apply(fixture.relay, pipeline, { kind: "runRequested", ...start, from: ["api"], seen });
    const { body } = await api("GET", "/pipelines/graph");
    expect(body.next).toEqual({ cause: "source", from: ["api"], askedAt: expect.any(String) });
    // The answer is about the cancelled run, and not about the next one, which starts at once.
    expect(await api("POST", `/runs/${run.id}/cancel`)).toMatchObject({
      status: 200,
      body: { id: run.id, status: "cancelled" },
    });
    const { body: after } = await api("GET", "/pipelines/graph");
    expect(after).toMatchObject({ run: { cause: "source", status: "running", from: ["api"] } });
    await api("POST", `/runs/${after.run.id}/cancel`);
  });

  test("show when they start next", async () => {
    const { body } = await api("GET", "/pipelines/chain");
    expect(body.schedule).toEqual({ cron: "0 0 * * *", timezone: "Europe/Paris" });
    expect(Date.parse(body.nextStartAt)).toBeGreaterThan(Date.now());
  });

  test.each(["nope", "__proto__", "constructor", "%E0%A4%A"])(
    "that do not exist are answered with 404: %s",
    async (name) => {
      expect(await api("GET", `/pipelines/${name}`)).toMatchObject({
        status: 404,
        type: "application/problem+json",
      });
      expect(await api("GET", `/pipelines/${name}/runs`)).toMatchObject({ status: 404 });
      expect(await api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status: 404 });
    },
  );

  test("with a similar name are suggested", async () => {
    expect(await api("GET", "/pipelines/graf")).toMatchObject(
      problem(404, 'no pipeline has this name; did you mean "graph"?'),
    );
  });
});

describe("a run", () => {
  test("is started with 201, found by its id, and refused with 409 while it is active", async () => {
    const started = await api("POST", "/pipelines/chain/runs");
    expect(started).toMatchObject({
      status: 201,
      body: {
        pipeline: "chain",
        status: "running",
        cause: "manual",
        steps: [
          { name: "a", image: "acme/chain:a", state: "building", attempts: 1 },
          { name: "b", image: "acme/chain:b", state: "waiting", attempts: 0 },
        ],
      },
    });
    expect(started.body.endedAt).toBeUndefined();
    expect(new Date(started.body.startedAt).toISOString()).toBe(started.body.startedAt);
    expect(started.headers.get("location")).toBe(`/api/runs/${started.body.id}`);

    const { id } = started.body;
    expect(await api("GET", `/runs/${id}`)).toMatchObject({ status: 200, body: { id } });
    expect(await api("POST", "/pipelines/chain/runs")).toMatchObject(problem(409, `run ${id} is active`));

    await push("acme/chain", "a");
    await push("acme/chain", "b");
    const { body } = await api("GET", `/runs/${id}`);
    expect(body).toMatchObject({ status: "succeeded", steps: [{ state: "done" }, { state: "done" }] });
    expect(Date.parse(body.endedAt)).toBeGreaterThanOrEqual(Date.parse(body.startedAt));
  });

  test("is started from a step", async () => {
    const { status, body } = await api("POST", "/pipelines/graph/runs", '{"from":"api"}');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      from: ["api"],
      steps: [
        { name: "base", state: "skipped" },
        { name: "api", state: "building" },
      ],
    });
    expect(await api("POST", `/runs/${body.id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: "cancelled" },
    });
  });

  test.each([
    ["{", 400, "expected a JSON body, found one that does not parse"],
    ["[]", 400, "expected a map, found an empty list"],
    ['{"from":5}', 400, "from: expected text, found the number 5"],
    ['{"parameters":{"v.1":5}}', 400, "parameters.v.1: expected text, found the number 5"],
    ['{"form":"api"}', 400, 'unknown key "form"; did you mean "from"?'],
    ['{"from":"apo"}', 404, 'pipeline graph has no step with this name; did you mean "api"?'],
    ['{"from":"__proto__"}', 404, "pipeline graph has no step with this name"],
  ])("is not started by %s", async (body, status, detail) => {
    expect(await api("POST", "/pipelines/graph/runs", body)).toMatchObject(problem(status, detail));
  });

  test("is not started with a parameter of an endless name, of which the answer shows the beginning", async () => {
    const body = JSON.stringify({ parameters: { ["k".repeat(9_000)]: "x" } });
    const answer = await api("POST", "/pipelines/graph/runs", body);
    const shown = (length: number) => `${"k".repeat(length)}…`;
    expect(answer).toMatchObject(
      problem(400, `parameters.${shown(100)}: expected at most 40, found "${shown(59)}`),
    );
  });

  test("can be cancelled once", async () => {
    const { body } = await api("POST", "/pipelines/listed/runs");
    expect(await api("POST", `/runs/${body.id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: "cancelled", steps: [{ state: "skipped" }] },
    });
    expect(await api("POST", `/runs/${body.id}/cancel`)).toMatchObject(
      problem(409, `run ${body.id} is over (cancelled)`),
    );
  });

  test("is retried where it failed, and steps that are done stay done", async () => {
    const { body: run } = await api("POST", "/pipelines/retried/runs");
    fixture.hub.answerNext({ status: 404, body: "{}" });
    await push("acme/retried", "a");
    const failed = await api("GET", `/runs/${run.id}`);
    expect(failed.body).toMatchObject({
      status: "failed",
      steps: [
        { name: "a", state: "done" },
        {
          name: "b",
          state: "failed",
          reason: "Docker Hub answered 404 to the trigger in ACME_RETRIED_TRIGGER",
        },
      ],
    });
    const retried = await api("POST", `/runs/${run.id}/retry`);
    expect(retried).toMatchObject({
      status: 200,
      body: { id: run.id, status: "running", steps: [{ state: "done" }, { state: "building", attempts: 2 }] },
    });
    expect(await api("POST", `/runs/${run.id}/retry`)).toMatchObject(problem(409, `run ${run.id} is active`));
    await push("acme/retried", "b");
    expect((await api("GET", `/runs/${run.id}`)).body.status).toBe("succeeded");
  });

  test.each(["nope", "__proto__", "chain.20260101T000000000-abcdef", "%00"])(
    "that does not exist is answered with 404: %s",
    async (id) => {
      expect(await api("GET", `/runs/${id}`)).toMatchObject(problem(404, "no run has this id"));
      expect(await api("POST", `/runs/${id}/cancel`)).toMatchObject(problem(404, "no run has this id"));
      expect(await api("POST", `/runs/${id}/retry`)).toMatchObject(problem(404, "no run has this id"));
    },
  );
});

describe("the list of runs", () => {
  test("is newest first, in pages", async () => {
    const ids = (await api("GET", "/pipelines/listed/runs")).body.runs.map(({ id }: { id: string }) => id);
    for (let index = 0; index < 7; index += 1) {
      const { body } = await api("POST", "/pipelines/listed/runs");
      await api("POST", `/runs/${body.id}/cancel`);
      ids.unshift(body.id);
    }
    const seen: string[] = [];
    let path: string | null = "/pipelines/listed/runs?limit=3";
    for (let page = 0; path !== null && page < 10; page += 1) {
      const { body } = await api("GET", path);
      seen.push(...body.runs.map(({ id }: { id: string }) => id));
      path =
        body.next === undefined
          ? null
          : `/pipelines/listed/runs?limit=3&next=${encodeURIComponent(body.next)}`;
    }
    expect(seen).toEqual(ids);
  });

  test.each([
    ["limit=0", "limit: expected at least 1, found"],
    ["limit=101", "limit: expected at most 100, found"],
    ["limit=x", "limit: expected a number, found"],
  ])("is refused for %s", async (query, detail) => {
    const answer = await api("GET", `/pipelines/listed/runs?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(detail);
  });
});

test("/healthz is public", async () => {
  const response = await fixture.app.request("/healthz");
  expect([response.status, await readJson(response)]).toEqual([200, { status: "ok" }]);
});

test("an unknown path is a 404 problem", async () => {
  const response = await fixture.app.request("/wp-login.php");
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});
