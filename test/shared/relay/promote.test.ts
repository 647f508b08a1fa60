// A family that is promoted together, at a registry on a real HTTP server.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sweep } from "../../../shared/relay/sweep.ts";
import { type ImageRegistry, startImageRegistry } from "../../stand-ins/image-registry.ts";
import { readJson } from "../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let registry: ImageRegistry;
let fixture: Fixture;
beforeEach(async () => {
  registry = await startImageRegistry();
  fixture = await startFixture({
    family: {
      promote: "together",
      retries: 0,
      trigger: {
        github: {
          repository: "acme/images",
          workflow: "image.yml",
          inputs: { image: "{image}", pins: "{pins}" },
          secret: "GITHUB_TOKEN",
        },
      },
      steps: {
        base: { image: image("base") },
        api: { image: image("api"), after: "base" },
        scan: { gate: true, after: "api" },
      },
    },
  });
  push("base:1", ["base 0"]);
  push("api:1", ["base 0", "api 0"]);
});
afterEach(async () => {
  await fixture.stop();
  await registry.close();
});

const image = (name: string, tag = "1") => `${registry.host}/acme/${name}:${tag}`;
const push = (nameAndTag: string, layers: string[]) => registry.images.push(`acme/${nameAndTag}`, layers);
const shown = (name: string, tag = "1") => registry.images.manifest(`acme/${name}`, tag)?.digest;
const shownBoth = () => [shown("base"), shown("api")];

async function ask(method: "GET" | "POST", path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${apiToken}` };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fixture.app.request(`/api${path}`, init);
  return { status: response.status, body: await readJson(response) };
}
async function announce(name: string, tag: string, digest: string | undefined) {
  const event = {
    action: "push",
    target: { repository: `acme/${name}`, tag, digest },
    timestamp: new Date().toISOString(),
    request: { host: registry.host },
  };
  const response = await fixture.app.request(`/hooks/distribution/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
  });
  return readJson(response);
}
const start = async (): Promise<string> => (await ask("POST", "/pipelines/family/runs")).body.id;
const candidate = (run: string) => `1-${run.split(".")[1]}`;
const stateOf = async (run: string) => (await ask("GET", `/runs/${run}`)).body;
/** Builds both candidates. */
async function build(run: string, number = 1) {
  const tag = candidate(run);
  const base = push(`base:${tag}`, [`base ${number}`]);
  expect(await announce("base", tag, base)).toMatchObject({ outcome: "advanced" });
  const api = push(`api:${tag}`, [`base ${number}`, `api ${number}`]);
  expect(await announce("api", tag, api)).toMatchObject({ outcome: "advanced" });
  return [base, api];
}
const approve = (run: string) => ask("POST", `/runs/${run}/steps/scan/approve`);
const triggers = () => fixture.hub.triggers.map(({ body }) => body.inputs);

describe("a run with promote: together", () => {
  test("builds candidates, from candidates, and moves the tags once its gate is approved", async () => {
    const before = shownBoth();
    const run = await start();
    const built = await build(run);
    expect(triggers()).toEqual([
      { image: image("base", candidate(run)), pins: "" },
      {
        image: image("api", candidate(run)),
        pins: `${image("base")}=docker-image://${registry.host}/acme/base@${built[0]}`,
      },
    ]);
    expect(shownBoth()).toEqual(before);
    expect(await stateOf(run)).toMatchObject({ status: "running", promotion: { phase: "building" } });

    expect((await approve(run)).status).toBe(200);
    expect(shownBoth()).toEqual(built);
    expect(await stateOf(run)).toMatchObject({
      status: "succeeded",
      promotion: {
        phase: "moved",
        moves: [
          { step: "base", image: image("base"), digest: built[0], replaced: before[0], moved: true },
          { step: "api", image: image("api"), digest: built[1], replaced: before[1], moved: true },
        ],
      },
      steps: [
        { name: "base", image: image("base"), candidate: image("base", candidate(run)), digest: built[0] },
        { name: "api", standsOn: [{ step: "base", digest: built[0], verdict: "proven" }] },
        { name: "scan", gate: true, state: "done", reportedBy: "person" },
      ],
    });
    // The registry's own webhook for the tag that was moved.
    expect(await announce("base", "1", built[0])).toMatchObject({ outcome: "duplicate" });
  });

  test("is rolled back to what each tag pointed to before", async () => {
    const before = shownBoth();
    const run = await start();
    await build(run);
    await approve(run);
    expect((await ask("POST", `/runs/${run}/rollback`)).body.steps).toMatchObject([
      { step: "base", outcome: "movedBack", digest: before[0] },
      { step: "api", outcome: "movedBack", digest: before[1] },
    ]);
    expect(shownBoth()).toEqual(before);
  });

  test("moves nothing if a step fails", async () => {
    const before = shownBoth();
    const run = await start();
    const base = push(`base:${candidate(run)}`, ["base 1"]);
    await announce("base", candidate(run), base);
    const failed = { run, step: "api", conclusion: "failure" };
    await fixture.app.request("/hooks/done", {
      method: "POST",
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      body: JSON.stringify(failed),
    });
    expect(await stateOf(run)).toMatchObject({ status: "failed", promotion: { phase: "building" } });
    expect(shownBoth()).toEqual(before);
  });

  test("fails a step that was built from the tag instead of the candidate", async () => {
    const run = await start();
    const base = push(`base:${candidate(run)}`, ["base 1"]);
    await announce("base", candidate(run), base);
    const api = push(`api:${candidate(run)}`, ["base 0", "api 1"]);
    await announce("api", candidate(run), api);
    const { steps } = await stateOf(run);
    expect(steps[1]).toMatchObject({ state: "failed", standsOn: [{ verdict: "contradicted" }] });
    expect(steps[1].reason).toContain("the new base is at its candidate only: pass {pins}");
  });

  test("ignores pushes of its tags, and those of another run's candidates", async () => {
    const run = await start();
    expect(await announce("base", "1", push("base:1", ["by hand"]))).toMatchObject({
      outcome: "ignored",
      reason: expect.stringContaining("waits for the candidate"),
    });
    const other = "1-20261126T030000123-aaaaaa";
    expect(await announce("base", other, push(`base:${other}`, ["another run"]))).toMatchObject({
      outcome: "ignored",
      reason: expect.stringContaining("is not active"),
    });
    expect((await stateOf(run)).steps[0].state).toBe("building");
  });

  test("tries again while the registry cannot be reached, and cannot be cancelled meanwhile", async () => {
    const run = await start();
    const built = await build(run);
    const { answer } = registry;
    registry.answer = (response) => {
      const isPut = registry.asked.at(-1)?.method === "PUT";
      if (isPut) return void response.writeHead(503).end();
      return answer(response);
    };
    await approve(run);
    expect(await stateOf(run)).toMatchObject({ status: "running", promotion: { phase: "moving" } });
    expect((await ask("POST", `/runs/${run}/cancel`)).body.detail).toContain("is moving its tags");
    registry.answer = answer;
    fixture.later(10 * 60_000);
    await sweep(fixture.relay);
    expect(await stateOf(run)).toMatchObject({ status: "succeeded" });
    expect(shownBoth()).toEqual(built);
  });

  test("moves back what was moved if a tag cannot be moved, and may be retried", async () => {
    const before = shownBoth();
    const run = await start();
    const built = await build(run);
    const { answer } = registry;
    registry.answer = (response) => {
      const { method, path } = registry.asked.at(-1) ?? {};
      const isRefused = method === "PUT" && path?.includes("/acme/api/");
      return isRefused && shown("api") === before[1] ? void response.writeHead(403).end() : answer(response);
    };
    const refused = registry.answer;
    // It accepts the old manifest again.
    registry.answer = (response) => {
      const { method, path, body } = registry.asked.at(-1) ?? {};
      const isOld = body === registry.images.manifest("acme/api", before[1] ?? "")?.text;
      return method === "PUT" && path?.includes("/acme/api/") && !isOld
        ? refused(response)
        : answer(response);
    };
    await approve(run);
    expect(shownBoth()).toEqual(before);
    const failed = await stateOf(run);
    expect(failed).toMatchObject({
      status: "failed",
      promotion: {
        phase: "failed",
        failures: [{ step: "api", reason: expect.stringContaining("its tag could not be moved") }],
      },
    });
    registry.answer = answer;
    expect((await ask("POST", `/runs/${run}/retry`)).status).toBe(200);
    expect(shownBoth()).toEqual(built);
    expect(await stateOf(run)).toMatchObject({ status: "succeeded", promotion: { phase: "moved" } });
  });
});
