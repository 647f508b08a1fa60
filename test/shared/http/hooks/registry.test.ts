import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../../../shared/http/app.ts";
import { registryWebhooks } from "../../../../shared/registries/webhooks.ts";
import { pushWebhook } from "../../../stand-ins/docker-hub.ts";
import { readJson } from "../../../stand-ins/json.ts";
import {
  apiToken,
  type Fixture,
  startFixture,
  triggerSecret,
  webhookSecret,
} from "../../../stand-ins/relay.ts";
import { acrPing, acrPush } from "../../registries/acr/samples.ts";
import { giteaPush, giteaTestDelivery } from "../../registries/gitea/samples.ts";
import { harborCloudEvent, harborPush } from "../../registries/harbor/samples.ts";
import { quayPush } from "../../registries/quay/samples.ts";

const distribution = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../registries/distribution/${file}.json`, import.meta.url), "utf8"));

/** A push for each kind of registry, and the image that was pushed. */
const pushes: Record<string, { body: unknown; image: string }> = {
  dockerhub: { body: JSON.parse(pushWebhook("acme/hub", "1")), image: "acme/hub:1" },
  distribution: { body: distribution("manifest-push"), image: "127.0.0.1:5055/acme/child:latest" },
  harbor: { body: harborPush, image: "hub.harbor.com/test-webhook/debian:latest" },
  quay: { body: quayPush, image: "quay.io/mynamespace/repository:latest" },
  acr: { body: acrPush, image: "myregistry.azurecr.io/hello-world:v1" },
  gitea: { body: giteaPush, image: "git.example.org/acme/api:latest" },
};
const kinds = Object.keys(registryWebhooks);

let fixture: Fixture;
beforeAll(async () => {
  const trigger = { github: { repository: "acme/images", workflow: "image.yml", secret: "GITHUB_TOKEN" } };
  const after = (step: string) => ({ image: `acme/after:${step}`, trigger, after: step });
  const believing = (image: string) => ({
    confirm: "webhook",
    steps: { step: { image, trigger }, next: after("step") },
  });
  fixture = await startFixture({
    ...Object.fromEntries(Object.entries(pushes).map(([kind, { image }]) => [kind, believing(image)])),
    one: believing("quay.io/acme/batch:1"),
    two: believing("quay.io/acme/batch:2"),
  });
});
afterAll(() => fixture.stop());

const json = { "content-type": "application/json" };
const bearer = { authorization: `Bearer ${webhookSecret}` };
async function send(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fixture.app.request(`/hooks/${path}`, {
    method: "POST",
    headers: { ...json, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await readJson(response) };
}
const advanced = (kind: string) => ({
  status: 200,
  body: { outcome: "advanced", pipelines: [{ pipeline: kind, outcome: "advanced" }] },
});
const ignored = (reason: string) => ({ status: 200, body: { outcome: "ignored", reason, pipelines: [] } });

describe.each(kinds)("a webhook of the kind %s", (kind) => {
  const body = pushes[kind]?.body;

  test("reports a push, with the secret in the path", async () => {
    expect(await send(`${kind}/${webhookSecret}`, body)).toMatchObject(advanced(kind));
  });

  test("is accepted with the secret in the header", async () => {
    for (const authorization of [bearer.authorization, `bearer  ${webhookSecret}`, webhookSecret]) {
      const answer = await send(kind, body, { authorization });
      expect(answer).toMatchObject({ status: 200, body: { pipelines: [{ pipeline: kind }] } });
    }
  });

  test.each(["x", `${webhookSecret}x`, "__proto__", "%00"])(
    "is answered with 404 for the secret %s in the path, before its body is read",
    async (secret) => {
      const answer = await send(`${kind}/${secret}`, "{", { "content-type": "text/plain", ...bearer });
      expect(answer).toMatchObject({ status: 404, body: { detail: "not found" } });
    },
  );

  test.each([
    [undefined, "none"],
    ["", "one that does not match"],
    ["Bearer", "one that does not match"],
    ["Bearer x", "one that does not match"],
    [`Bearer ${webhookSecret}x`, "one that does not match"],
    [`Basic ${webhookSecret}`, "one that does not match"],
  ])("is answered with 401 for the header %j, before its body is read", async (authorization, found) => {
    const headers = authorization === undefined ? {} : { authorization };
    expect(await send(kind, "{", { "content-type": "text/plain", ...headers })).toMatchObject({
      status: 401,
      body: { detail: `expected the header Authorization with the webhook secret, found ${found}` },
    });
  });

  test("is answered with 400 and the reason if it is not in the format of its registry", async () => {
    for (const [path, headers] of [[`${kind}/${webhookSecret}`, {}] as const, [kind, bearer] as const]) {
      expect(await send(path, "{", headers)).toMatchObject({ status: 400 });
      expect(await send(path, "[]", headers)).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/^expected the body to be a map, as in an? .+ webhook$/) },
      });
      expect(await send(path, body, { ...headers, "content-type": "text/plain" })).toMatchObject({
        status: 415,
      });
    }
  });

  test("may have any content type of JSON", async () => {
    for (const type of [
      "application/vnd.docker.distribution.events.v1+json",
      "application/cloudevents+json",
    ]) {
      expect(await send(kind, body, { ...bearer, "content-type": type })).toMatchObject({ status: 200 });
    }
  });

  test("is answered with 413 above 5 MiB, or above 1 MiB if it is never a batch", async () => {
    const maxMib = kind === "dockerhub" || kind === "gitea" ? 1 : 5;
    const size = maxMib * 1024 * 1024;
    expect(await send(kind, " ".repeat(size), bearer)).toMatchObject({ status: 400 });
    expect(await send(kind, " ".repeat(size + 1), bearer)).toMatchObject({
      status: 413,
      body: { detail: `expected a body of at most ${maxMib} MiB` },
    });
  });
});

test.each([
  ["distribution", distribution("blob-push"), "none of the events is the push of a tag"],
  ["distribution", distribution("pull"), "none of the events is the push of a tag"],
  ["distribution", { events: [null, {}] }, "none of the events is the push of a tag"],
  ["acr", acrPing, "the event is not a push"],
  ["harbor", { ...harborPush, type: "PULL_ARTIFACT" }, "the event is not the push of an artifact"],
  ["quay", { ...quayPush, updated_tags: [] }, "none of the updated tags is the tag of an image"],
  ["gitea", giteaTestDelivery, "the event is not about a package"],
  ["quay", { ...quayPush, updated_tags: ["other"] }, "no pipeline has this image as a step"],
])("what is no push of a known tag is ignored with the reason: %s, %#", async (kind, body, reason) => {
  expect(await send(kind, body, bearer)).toMatchObject(ignored(reason));
});

test("Harbor may send CloudEvents", async () => {
  const type = { "content-type": "application/cloudevents+json" };
  expect(await send("harbor", harborCloudEvent, { ...bearer, ...type })).toMatchObject({
    status: 200,
    body: { pipelines: [{ pipeline: "harbor" }] },
  });
});

test("a batch advances each of its steps, and lists them", async () => {
  const body = {
    docker_url: "quay.io/acme/batch",
    updated_tags: ["1", "unknown", 5, "2"],
  };
  expect(await send("quay", body, bearer)).toMatchObject({
    status: 200,
    body: {
      outcome: "advanced",
      pipelines: [
        { pipeline: "one", step: "step", outcome: "advanced" },
        { pipeline: "two", step: "step", outcome: "advanced" },
      ],
    },
  });
});

describe("Gitea's signature", () => {
  const text = JSON.stringify(giteaTestDelivery);
  const hex = (body: string, secret = webhookSecret) =>
    createHmac("sha256", secret).update(body).digest("hex");
  const accepted = ignored("the event is not about a package");

  test.each([
    ["X-Gitea-Signature", hex(text)],
    ["X-Hub-Signature-256", `sha256=${hex(text)}`],
  ])("is accepted in the header %s", async (name, signature) => {
    expect(await send("gitea", text, { [name]: signature })).toMatchObject(accepted);
  });

  test("is enough in one of both headers, and beside a wrong token", async () => {
    const headers = { "x-gitea-signature": "x", "x-hub-signature-256": `sha256=${hex(text)}` };
    expect(await send("gitea", text, { ...headers, authorization: "token x" })).toMatchObject(accepted);
  });

  test.each([
    ["X-Gitea-Signature", ""],
    ["X-Gitea-Signature", `sha256=${hex(text)}`],
    ["X-Gitea-Signature", hex(text).toUpperCase()],
    ["X-Gitea-Signature", hex(text, "another")],
    ["X-Gitea-Signature", hex(`${text} `)],
    ["X-Hub-Signature-256", hex(text)],
  ])("is refused if it is wrong: %s: %s", async (name, signature) => {
    const { status, headers, body } = await send("gitea", text, { [name]: signature });
    expect({ status, detail: body.detail }).toEqual({
      status: 401,
      detail: `expected the header ${name} with the body's signature by the webhook secret, found one that does not match`,
    });
    expect(headers.get("www-authenticate")).toBe(name);
  });

  test("covers the bytes of the body", async () => {
    const spaced = JSON.stringify(giteaTestDelivery, null, 2);
    expect(await send("gitea", spaced, { "x-gitea-signature": hex(spaced) })).toMatchObject(accepted);
    expect(await send("gitea", spaced, { "x-gitea-signature": hex(text) })).toMatchObject({ status: 401 });
  });

  test("is made with any of the secrets", async () => {
    const app = createApp(fixture.relay, {
      readWebhookSecrets: async (which) => (which === "current" ? ["new"] : [webhookSecret]),
      readApiToken: async () => apiToken,
    });
    for (const secret of ["new", webhookSecret]) {
      const headers = { ...json, "x-gitea-signature": hex(text, secret) };
      const response = await app.request("/hooks/gitea", { method: "POST", headers, body: text });
      expect(response.status).toBe(200);
    }
  });

  test("of a body that cannot be read is answered like any other such body", async () => {
    const signed = (body: string) => ({ "x-gitea-signature": hex(body) });
    expect(await send("gitea", "{", signed("{"))).toMatchObject({ status: 400 });
    expect(await send("gitea", "", signed(""))).toMatchObject({ status: 400 });
    const plain = { ...signed(text), "content-type": "text/plain" };
    expect(await send("gitea", text, plain)).toMatchObject({ status: 415 });
    const large = " ".repeat(1024 * 1024 + 1);
    expect(await send("gitea", large, signed(large))).toMatchObject({ status: 413 });
  });

  test("is not accepted from other registries", async () => {
    for (const kind of kinds.filter((each) => each !== "gitea")) {
      const headers = { "x-gitea-signature": hex(text), "x-hub-signature-256": `sha256=${hex(text)}` };
      expect(await send(kind, text, headers)).toMatchObject({ status: 401 });
    }
  });
});

describe("a registry with a secret of its own", () => {
  const ownSecret = "secret-of-quay-0123456789";
  const sendToApp = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const app = createApp(fixture.relay, {
      readWebhookSecrets: async () => [webhookSecret],
      registrySecrets: [
        { registry: "quay.io", read: async () => ownSecret },
        { registry: "docker.io", read: async () => null },
      ],
      readApiToken: async () => apiToken,
    });
    const request = { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) };
    const response = await app.request(`/hooks/${path}`, request);
    return { status: response.status, body: await readJson(response) };
  };
  const ownBearer = { authorization: `Bearer ${ownSecret}` };
  const reason = "expected the webhook secret of the image's registry, found that of another";

  test("is believed about its own images, in the path and in the header", async () => {
    const known = { status: 200, body: { pipelines: [{ pipeline: "quay", step: "step" }] } };
    expect(await sendToApp(`quay/${ownSecret}`, quayPush)).toMatchObject(known);
    expect(await sendToApp("quay", quayPush, ownBearer)).toMatchObject(known);
  });

  test("is not believed about the images of other registries", async () => {
    for (const kind of kinds.filter((each) => each !== "quay")) {
      expect(await sendToApp(kind, pushes[kind]?.body, ownBearer)).toMatchObject(ignored(reason));
    }
    expect(fixture.logLines.join("")).toContain(`"image":"${pushes.harbor?.image}","outcome":"ignored"`);
  });

  test("is not believed with the secret of all others, which still count elsewhere", async () => {
    expect(await sendToApp("quay", quayPush, bearer)).toMatchObject(ignored(reason));
    expect(await sendToApp("harbor", harborPush, bearer)).toMatchObject({
      body: { pipelines: [{ pipeline: "harbor" }] },
    });
  });

  test("is not believed by anyone while its secret is missing", async () => {
    expect(await sendToApp("dockerhub", pushes.dockerhub?.body, bearer)).toMatchObject(ignored(reason));
    expect(await sendToApp("dockerhub/null", pushes.dockerhub?.body)).toMatchObject({ status: 404 });
  });

  test("may sign what GitHub sends about its images, and nothing else", async () => {
    const signed = (event: string, body: unknown) => ({
      "x-github-event": event,
      "x-hub-signature-256": `sha256=${createHmac("sha256", ownSecret).update(JSON.stringify(body)).digest("hex")}`,
    });
    const body = {};
    expect(await sendToApp("github", body, signed("ping", body))).toMatchObject({ status: 200 });
    expect(await sendToApp("github", body, signed("package", body))).toMatchObject({ status: 400 });
    for (const event of ["push", "workflow_run", "", "other"]) {
      expect(await sendToApp("github", body, signed(event, body))).toMatchObject({ status: 401 });
    }
  });
});

test("an unknown kind has no route", async () => {
  for (const path of ["ghcr", "ecr", "__proto__", `toString/${webhookSecret}`]) {
    expect(await send(path, "{}", bearer)).toMatchObject({ status: 404 });
  }
});

test("no secret is in the log", () => {
  expect(fixture.logLines.length).toBeGreaterThan(20);
  for (const line of fixture.logLines) {
    expect(line).not.toContain(webhookSecret);
    expect(line).not.toContain(triggerSecret);
  }
});
