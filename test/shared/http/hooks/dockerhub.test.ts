import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { type Fixture, startFixture, triggerSecret, webhookSecret } from "../../../stand-ins/relay.ts";

let fixture: Fixture;
const sequence = ["a", "b", "c"];

beforeAll(async () => {
  fixture = await startFixture({
    "void-docker": { image: "maddouri/void-docker", sequence: ["init", "latest"] },
    hooked: { image: "acme/hooked", sequence },
    one: { sequence: ["acme/shared:1", "acme/one:1"] },
    two: { sequence: ["acme/shared:1", "acme/two:1"] },
    busybox: { onPush: "ignore", sequence: ["busybox:latest"] },
    ignoring: { image: "acme/ignoring", onPush: "ignore", sequence },
  });
});
afterAll(() => fixture.stop());

const json = { "content-type": "application/json" };

async function hook(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = json,
  secret = webhookSecret,
) {
  const response = await fixture.app.request(`/hooks/dockerhub/${secret}`, { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, body: await readJson(response) };
}

describe("a webhook as seen in the wild", () => {
  test.each([
    ["2014-float-no-tag.json", 400, undefined],
    ["2015-images-null.json", 200, "advanced"],
    ["2022-media-type.json", 200, "duplicate"],
    ["2026-dhi-metadata.json", 200, "duplicate"],
    ["documented.json", 200, "duplicate"],
    ["minimal.json", 200, "duplicate"],
    ["official-image.json", 200, "ignored"],
  ])("%s is answered with %i and %s", async (file, status, outcome) => {
    const body = readFileSync(new URL(`../../../fixtures/webhooks/${file}`, import.meta.url));
    expect(await hook(body)).toMatchObject({
      status,
      ...(outcome === undefined ? {} : { body: { outcome } }),
    });
  });
});

describe("the answer to a webhook", () => {
  test("lists each pipeline that has the image as a step", async () => {
    const { body } = await hook(pushWebhook("acme/shared", "1"));
    expect(body).toMatchObject({
      outcome: "advanced",
      pipelines: [
        { pipeline: "one", step: "acme/shared:1", outcome: "advanced" },
        { pipeline: "two", step: "acme/shared:1", outcome: "advanced" },
      ],
    });
    expect(fixture.hub.triggers.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        `/u/acme/one/trigger/${triggerSecret}/`,
        `/u/acme/two/trigger/${triggerSecret}/`,
      ]),
    );
  });

  test("comes after the next step was triggered, which happens once however often the webhook is sent", async () => {
    const triggered = () => fixture.hub.tags().filter((tag) => tag === "b").length;
    expect((await hook(pushWebhook("acme/hooked", "a"))).body.outcome).toBe("advanced");
    expect(triggered()).toBe(1);
    expect((await hook(pushWebhook("acme/hooked", "a"))).body.outcome).toBe("duplicate");
    expect(triggered()).toBe(1);
  });

  test("is ignored with the reason for an image that no pipeline has", async () => {
    expect(await hook(pushWebhook("acme/hooked", "unknown"))).toMatchObject({
      status: 200,
      body: { outcome: "ignored", reason: "no pipeline has this image as a step", pipelines: [] },
    });
  });

  test("is ignored with the reason if onPush is ignore and no run is active", async () => {
    expect((await hook(pushWebhook("acme/ignoring", "a"))).body).toMatchObject({
      outcome: "ignored",
      reason: "no run is active, and onPush is ignore",
    });
  });
});

describe("a request that is not a push webhook", () => {
  test.each([
    ["broken JSON", "{", "expected a JSON body, found one that does not parse"],
    ["nothing", "", "expected a JSON body, found none"],
    ["a list", "[]", "expected the body to be a map, as in a Docker Hub push webhook"],
    ["null", "null", "expected the body to be a map, as in a Docker Hub push webhook"],
    [
      "a tag of the wrong type",
      '{"repository":{"repo_name":"a/b"},"push_data":{"tag":5}}',
      "expected push_data.tag to be text, as in a Docker Hub push webhook",
    ],
    [
      "no repository",
      '{"push_data":{"tag":"x"}}',
      "expected repository to be a map, as in a Docker Hub push webhook",
    ],
    [
      "an empty name",
      '{"repository":{"repo_name":""},"push_data":{"tag":"x"}}',
      "expected repository.repo_name to be text of 1 to 512 characters, as in a Docker Hub push webhook",
    ],
  ])("is answered with 400 and the reason: %s", async (_what, body, detail) => {
    expect(await hook(body)).toMatchObject({ status: 400, body: { status: 400, detail } });
  });

  test("is answered with 400 if it is not UTF-8", async () => {
    expect(await hook(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      status: 400,
      body: { detail: "expected a body in UTF-8" },
    });
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])(
    "is answered with 415 for the content type %j",
    async (type) => {
      const body = new TextEncoder().encode(pushWebhook("acme/hooked", "a"));
      expect(await hook(body, type === "" ? {} : { "content-type": type })).toMatchObject({ status: 415 });
    },
  );

  test("is answered with 413 if it is larger than 1 MiB, and with 400 up to that", async () => {
    expect(await hook(" ".repeat(1024 * 1024))).toMatchObject({ status: 400 });
    expect(await hook(" ".repeat(1024 * 1024 + 1))).toMatchObject({ status: 413 });
  });

  test("without a length is answered at 1 MiB, and not read for ever", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
        if (sent > 100 * 1024 * 1024) controller.close();
      },
    });
    const response = await fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
      method: "POST",
      headers: json,
      body,
      // Required with a stream as body.
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(40 * 1024 * 1024);
  });
});

test.each(["application/json; charset=utf-8", "Application/JSON", "application/vnd.docker+json"])(
  "a webhook is accepted with the content type %s",
  async (type) => {
    expect(await hook(pushWebhook("acme/hooked", "x"), { "content-type": type })).toMatchObject({
      status: 200,
    });
  },
);

describe("a wrong secret in the path", () => {
  test.each(["", "x", `${webhookSecret}x`, "%", "%00", "..%2f", "__proto__"])(
    "is answered with 404: %j",
    async (secret) => {
      const path = `/hooks/dockerhub/${secret}`;
      const response = await fixture.app.request(path, {
        method: "POST",
        headers: json,
        body: pushWebhook("acme/hooked", "a"),
      });
      expect(response.status).toBe(404);
    },
  );

  test("is answered before the body is read", async () => {
    expect(await hook("{", { "content-type": "text/plain" }, "wrong")).toMatchObject({ status: 404 });
  });
});

test("no secret is in the log", async () => {
  await hook(pushWebhook("acme/hooked", "x"));
  expect(fixture.logLines.length).toBeGreaterThan(5);
  for (const line of fixture.logLines) {
    expect(line).not.toContain(webhookSecret);
    expect(line).not.toContain(triggerSecret);
  }
});

test("if the store cannot be reached, the answer is 503 with Retry-After", async () => {
  const broken = await startFixture({ hooked: { image: "acme/hooked", sequence } });
  await broken.stopEngine();
  const response = await broken.app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: json,
    body: pushWebhook("acme/hooked", "a"),
  });
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("10");
  expect(broken.hub.triggers).toEqual([]);
  await broken.stop();
});
