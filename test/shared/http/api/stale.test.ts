// GET /api/stale, with a registry on a real HTTP server.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ImageRegistry, startImageRegistry } from "../../../stand-ins/image-registry.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

let registry: ImageRegistry;
let fixture: Fixture;
const image = (name: string) => `${registry.host}/acme/${name}:1`;
const push = (name: string, layers: string[]) => registry.images.push(`acme/${name}:1`, layers);

beforeAll(async () => {
  registry = await startImageRegistry();
  const trigger = { github: { repository: "acme/images", workflow: "image.yml", secret: "GITHUB_TOKEN" } };
  fixture = await startFixture({
    family: {
      trigger,
      steps: {
        base: { image: image("base") },
        tools: { image: image("tools") },
        api: { image: image("api"), after: ["base", "tools"] },
      },
    },
    other: { trigger, steps: { web: { image: image("web"), upstream: image("os") } } },
  });
});
afterAll(async () => {
  await fixture.stop();
  await registry.close();
});

async function get(path: string) {
  const headers = { authorization: `Bearer ${apiToken}` };
  const response = await fixture.app.request(`/api/stale${path}`, { headers });
  return { status: response.status, body: await readJson(response) };
}

test("tells of each image whether it stands on what its bases are now", async () => {
  push("base", ["os", "base"]);
  push("tools", ["tools"]);
  push("api", ["os", "base", "api"]);
  push("os", ["new os"]);
  push("web", ["os", "web"]);
  expect(await get("")).toEqual({
    status: 200,
    body: {
      images: [
        { image: image("base"), pipeline: "family", step: "base", state: "fresh", because: [] },
        { image: image("tools"), pipeline: "family", step: "tools", state: "fresh", because: [] },
        {
          image: image("api"),
          pipeline: "family",
          step: "api",
          state: "fresh",
          because: ["nothing tells whether it is built from the current tools"],
        },
        {
          image: image("web"),
          pipeline: "other",
          step: "web",
          state: "stale",
          because: [expect.stringContaining(`stands on another version of ${image("os")}`)],
        },
      ],
    },
  });
});

test("of one pipeline only, if it is named", async () => {
  expect((await get("?pipeline=other")).body).toMatchObject({ images: [{ step: "web" }] });
  expect(await get("?pipeline=othr")).toMatchObject({
    status: 404,
    body: { detail: 'no pipeline has this name; did you mean "other"?' },
  });
});

test("an image of several bases is stale once the one that a run has proven was pushed again", async () => {
  const headers = { authorization: `Bearer ${apiToken}` };
  await fixture.app.request("/api/pipelines/family/runs", { method: "POST", headers });
  const announce = (name: string, layers: string[]) => {
    const target = { repository: `acme/${name}`, tag: "1", digest: push(name, layers) };
    const timestamp = new Date().toISOString();
    const event = { action: "push", target, timestamp, request: { host: registry.host } };
    return fixture.app.request(`/hooks/distribution/${webhookSecret}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events: [event] }),
    });
  };
  await announce("base", ["os", "base 2"]);
  await announce("tools", ["tools 2"]);
  await announce("api", ["os", "base 2", "api"]);
  const pipeline = await readJson(await fixture.app.request("/api/pipelines/family", { headers }));
  expect(pipeline).toMatchObject({
    run: {
      status: "succeeded",
      steps: [{}, {}, { standsOn: [{ verdict: "proven" }, { verdict: "unknown" }] }],
    },
  });
  expect((await get("?pipeline=family")).body).toMatchObject({ images: [{}, {}, { state: "fresh" }] });
  push("base", ["other os", "base 3"]);
  expect((await get("?pipeline=family")).body).toMatchObject({
    images: [{}, {}, { state: "stale", because: [expect.stringContaining("the one before")] }],
  });
});
