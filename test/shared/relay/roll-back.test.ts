// Moving tags back at a registry on a real HTTP server.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ImageRegistry, startImageRegistry } from "../../stand-ins/image-registry.ts";
import { readJson } from "../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let registry: ImageRegistry;
let fixture: Fixture;
beforeEach(async () => {
  registry = await startImageRegistry();
  fixture = await startFixture({
    family: {
      trigger: { github: { repository: "acme/images", workflow: "image.yml", secret: "GITHUB_TOKEN" } },
      steps: { base: { image: image("base") }, api: { image: image("api"), after: "base", retries: 0 } },
    },
  });
});
afterEach(async () => {
  await fixture.stop();
  await registry.close();
});

const image = (name: string) => `${registry.host}/acme/${name}:1`;
const push = (name: string, layers: string[]) => registry.images.push(`acme/${name}:1`, layers);
const shown = (name: string) => registry.images.manifest(`acme/${name}`, "1")?.digest;
async function post(path: string) {
  const headers = { authorization: `Bearer ${apiToken}` };
  const response = await fixture.app.request(`/api${path}`, { method: "POST", headers });
  return { status: response.status, body: await readJson(response) };
}
async function announce(name: string, digest: string | undefined) {
  const target = { repository: `acme/${name}`, tag: "1", digest };
  const event = {
    action: "push",
    target,
    timestamp: new Date().toISOString(),
    request: { host: registry.host },
  };
  const response = await fixture.app.request(`/hooks/distribution/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
  });
  return (await readJson(response)).outcome;
}
/** Builds both images, and returns the run. */
async function build(number: number): Promise<string> {
  const { body } = await post("/pipelines/family/runs");
  await announce("base", push("base", [`base ${number}`]));
  await announce("api", push("api", [`base ${number}`, `api ${number}`]));
  return body.id;
}
const outcomes = async (run: string) => (await post(`/runs/${run}/rollback`)).body.steps;

describe("a rollback", () => {
  test("moves every tag back to what it was before the run, and starts no run by that", async () => {
    await build(1);
    const before = [shown("base"), shown("api")];
    const second = await build(2);
    expect([shown("base"), shown("api")]).not.toEqual(before);
    expect(await post(`/runs/${second}/rollback`)).toEqual({
      status: 200,
      body: {
        steps: [
          { step: "base", image: image("base"), outcome: "movedBack", digest: before[0] },
          { step: "api", image: image("api"), outcome: "movedBack", digest: before[1] },
        ],
      },
    });
    expect([shown("base"), shown("api")]).toEqual(before);
    expect(await announce("base", before[0])).toBe("duplicate");
  });

  test("does not move a tag to what the run itself pushed and refused", async () => {
    await build(1);
    const before = shown("api");
    const { body } = await post("/pipelines/family/runs");
    await announce("base", push("base", ["base 2"]));
    await announce("api", push("api", ["base 1", "api on the old base"]));
    expect((await post(`/runs/${body.id}/retry`)).body).toMatchObject({ status: "running" });
    await announce("api", push("api", ["base 2", "api 2"]));
    expect(await outcomes(body.id)).toMatchObject([{}, { outcome: "movedBack", digest: before }]);
  });

  test("may be repeated, and leaves a tag that was pushed again since", async () => {
    await build(1);
    const second = await build(2);
    await outcomes(second);
    push("api", ["by hand"]);
    expect(await outcomes(second)).toMatchObject([
      { outcome: "unchanged", reason: "the tag points to its earlier image already" },
      { outcome: "unchanged", reason: "the tag was pushed again since the run" },
    ]);
  });

  test("leaves what the run pushed for the first time", async () => {
    expect(await outcomes(await build(1))).toMatchObject([
      { outcome: "unchanged", reason: "the run pushed the tag for the first time" },
      { outcome: "unchanged" },
    ]);
  });

  test("says which tag could not be moved and why, and moves the others", async () => {
    await build(1);
    const [base = "", api = ""] = [shown("base"), shown("api")];
    const second = await build(2);
    registry.images.remove(api);
    expect(await outcomes(second)).toMatchObject([
      { outcome: "movedBack", digest: base },
      {
        outcome: "failed",
        reason: expect.stringMatching(/acme\/api@sha256:\w{12} is not at its registry any more/),
      },
    ]);
  });

  test("is refused while a run is active, and for a run that does not exist", async () => {
    const first = await build(1);
    const active = (await post("/pipelines/family/runs")).body.id;
    expect(await post(`/runs/${first}/rollback`)).toMatchObject({
      status: 409,
      body: { detail: `run ${active} is active; cancel it, or wait until it has ended` },
    });
    expect((await post("/runs/family.nothing/rollback")).status).toBe(404);
  });
});
