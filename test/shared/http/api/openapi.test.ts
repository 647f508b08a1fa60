import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBuildRoutes } from "../../../../functions/local/builds/build-routes.ts";
import { createEventStreams } from "../../../../functions/local/output/event-stream.ts";
import { openapi } from "../../../../shared/http/api/openapi.ts";
import { routesOf } from "../../../../shared/http/routes.ts";
import { pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";
import { type MadeRequest, type Operation, readDescription } from "./described-api.ts";

const operations = readDescription(openapi);

let fixture: Fixture;
/** Existing names and ids, by parameter. */
const known = {
  pipeline: ["chain", "graph", "family"],
  step: ["a", "b", "api"],
  run: [""],
  channel: ["ops"],
};

beforeAll(async () => {
  fixture = await startFixture(
    {
      chain: { image: "acme/chain", schedule: { cron: "0 0 * * *" }, sequence: ["a", "b"], delay: "1h" },
      graph: {
        schedule: { every: "6h" },
        steps: { base: { image: "acme/base:1" }, api: { image: "acme/api:1", after: "base" } },
      },
      fresh: { image: "acme/fresh", sequence: ["a"] },
      gated: { steps: { gate: { gate: true } } },
      family: {
        after: ["chain", "graph"],
        source: { github: "acme/images", paths: "!docs/**" },
        schedule: { at: "2030-01-01T00:00:00" },
        maxParallel: 2,
        account: "cellar",
        steps: { x: { image: "acme/x:1", upstream: "debian:12", paths: "x/**" } },
      },
    },
    { cellar: { maxParallel: 3 } },
    // Nobody listens there.
    {
      channels: { ops: { webhook: { url: "http://127.0.0.1:1/" } } },
      local: [createBuildRoutes(null, createEventStreams(), { hasB1Route: false })],
    },
  );
  // Steps in many states: those of chain are done and due, those of graph failed and skipped.
  const start = async (pipeline: string) =>
    (await readJson(await send("POST", `/api/pipelines/${pipeline}/runs`))).id;
  const chain = await start("chain");
  await fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: pushWebhook("acme/chain", "a"),
  });
  fixture.hub.answerNext({ status: 404, body: "{}" });
  known.run = [chain, await start("graph"), await start("family")];
});
afterAll(() => fixture.stop());

const send = async (
  method: string,
  path: string,
  body: string | null = null,
  token: string | null = apiToken,
) =>
  fixture.app.request(path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === null ? {} : { body }),
  });

function pathOf({ path }: Operation, { path: given, query }: Pick<MadeRequest, "path" | "query">): string {
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(given[name] ?? ""));
  return `${filled}?${new URLSearchParams(query)}`;
}

test("the description is valid OpenAPI 3.1, and public", async () => {
  const response = await send("GET", "/api/openapi.json", null, null);
  expect(response.status).toBe(200);
  const document = await readJson(response);
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  expect(document.openapi).toMatch(/^3\.1\./);
});

test("docs/openapi.json, which is served, is made from the schemas", async () => {
  // `npx vitest run --config test/vitest.config.ts test/shared/http/api/openapi.test.ts -u` updates it.
  await expect(`${JSON.stringify(openapi, null, 2)}\n`).toMatchFileSnapshot("../../../../docs/openapi.json");
});

test("every route of the API is described, and no other", () => {
  const routes = routesOf(fixture.app)
    .filter(({ path }) => path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(routes.toSorted());
});

/** What these answer is not in the store. */
const needsNoStore = (id: string) => id === "testChannel" || /Builds?(?:Output)?$/.test(id);

describe("generated requests are answered as described", () => {
  const seen = new Set<string>();

  test.each(operations)("$method $path", async (operation) => {
    const { id, method, isPublic, requests, check } = operation;
    const names = (name: string) =>
      known[name === "pipeline" || name === "step" || name === "channel" ? name : "run"];
    const request = requests.chain((made) =>
      fc.record({
        made: fc.constant(made),
        token: fc.constantFrom(apiToken, apiToken, apiToken, "wrong", null),
        isKnown: fc.constantFrom(true, true, false),
        choice: fc.nat(5),
      }),
    );
    const property = fc.asyncProperty(request, async ({ made, token, isKnown, choice }) => {
      const choose = (all: readonly string[]) => all[choice % all.length] ?? "";
      const path = isKnown
        ? Object.fromEntries(Object.keys(made.path).map((name) => [name, choose(names(name))]))
        : made.path;
      const response = await send(method, pathOf(operation, { ...made, path }), made.body, token);
      const { status } = response;
      seen.add(`${id} ${status}`);
      expect(await check(response)).toBeNull();
      if (token !== apiToken && !isPublic) expect(status).toBe(401);
      else if (!made.isValid && (isKnown || !operation.path.includes("{"))) expect(status).toBe(400);
      else expect(status).not.toBe(400);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test("a body that is too large is refused as described", async () => {
    const operation = operations.find(({ id }) => id === "startRun");
    const response = await send("POST", "/api/pipelines/chain/runs", " ".repeat(65 * 1024));
    seen.add(`startRun ${response.status}`);
    expect(await operation?.check(response)).toBeNull();
  });

  test("successful requests are answered as described", async () => {
    const [id = ""] = known.run;
    const ask = async (operationId: string, given: Record<string, string>) => {
      const operation = operations.find((one) => one.id === operationId);
      if (operation === undefined) throw new Error(`expected an operation ${operationId}`);
      const response = await send(operation.method, pathOf(operation, { path: given, query: {} }));
      seen.add(`${operationId} ${response.status}`);
      expect(await operation.check(response)).toBeNull();
      return response.status;
    };
    await ask("cancelRun", { run: id });
    const words = ["cancelRun", "retryRun", "rollBack", "retryRun", "getRun", "cancelRun"];
    const statuses = [];
    for (const word of words) statuses.push(await ask(word, { run: id }));
    expect(statuses).toEqual([409, 200, 409, 409, 200, 200]);
    const gated = await readJson(await send("POST", "/api/pipelines/gated/runs"));
    const gate = { run: gated.id, step: "gate" };
    expect(await ask("approveGate", gate)).toBe(200);
    expect(await ask("approveGate", gate)).toBe(409);
    expect(await ask("approveGate", { run: "nope", step: "gate" })).toBe(404);
    expect(await ask("startRun", { pipeline: "fresh" })).toBe(201);
    expect(await ask("startRun", { pipeline: "fresh" })).toBe(409);
    expect(await ask("listRuns", { pipeline: "fresh" })).toBe(200);
  });

  test("without the store, every operation is answered with 503 as described", async () => {
    await fixture.stopEngine();
    for (const operation of operations.filter((one) => !one.isPublic && !needsNoStore(one.id))) {
      const path = { pipeline: "chain", run: known.run[0] ?? "", step: "a" };
      const response = await send(operation.method, pathOf(operation, { path, query: {} }));
      expect([operation.id, response.status]).toEqual([operation.id, 503]);
      seen.add(`${operation.id} 503`);
      expect(await operation.check(response)).toBeNull();
    }
  });

  test("every described answer was seen, except for internal errors", () => {
    const described = operations.flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`));
    // Requests of this test have no address whose guesses are limited: see limit-guesses.test.ts.
    expect(described.filter((answer) => !seen.has(answer) && !/ (?:429|500)$/.test(answer))).toEqual([
      // These need no store, but a busy program answers any request with 503.
      "describe 503",
      "testChannel 503",
      // Only the local program runs commands: test/end-to-end/follow-output.test.ts.
      "getOutput 200",
      "listBuilds 503",
      // Only the local program has builds: test/end-to-end/builds.test.ts.
      "startBuild 201",
      "startBuild 413",
      "startBuild 503",
      "getBuild 200",
      "getBuild 503",
      "cancelBuild 200",
      "cancelBuild 409",
      "cancelBuild 503",
      "getBuildOutput 200",
      "getBuildOutput 503",
    ]);
  });
});
