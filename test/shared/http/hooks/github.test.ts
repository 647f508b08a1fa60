import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../../../shared/http/app.ts";
import { readFixture, sendGithub, sign } from "../../../stand-ins/github-webhook.ts";
import {
  apiToken,
  type Fixture,
  startFixture,
  triggerSecret,
  webhookSecret,
} from "../../../stand-ins/relay.ts";
import { ghcrPackage, ghcrRegistryPackage } from "../../registries/ghcr/samples.ts";

const workflow = { github: { repository: "acme/images", workflow: "image.yml", secret: "GITHUB_TOKEN" } };

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    family: {
      image: "acme/family",
      source: { github: "acme/images", branch: ["main", "release/*"] },
      steps: {
        base: { image: "acme/family:base", paths: "images/base" },
        web: { image: "acme/family:web", after: "base", paths: "images/web" },
      },
    },
    whole: {
      image: "acme/whole",
      source: { github: "ACME/images", paths: "images/**" },
      sequence: ["a", "b"],
    },
    ghcr: {
      confirm: "webhook",
      steps: {
        docker: { image: "ghcr.io/octo-org/hello-docker:latest", trigger: workflow },
        next: { image: "acme/after:1", trigger: workflow, after: "docker" },
      },
    },
    other: { image: "acme/other", source: { github: "acme/other" }, sequence: ["a"] },
  });
});
afterAll(() => fixture.stop());

const send = (event: string, payload: unknown, headers?: Record<string, string | null>) =>
  sendGithub(fixture.app, event, payload, headers);
const ping = readFixture("webhooks-github/ping.json");
const push = readFixture("webhooks-github/push.json");

describe("a signature", () => {
  test("is the one of GitHub's own example", () => {
    expect(sign("Hello, World!", "It's a Secret to Everybody")).toBe(
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    );
  });

  test("is accepted if any of the secrets made it, as in GitHub's own example", async () => {
    const app = createApp(fixture.relay, {
      readWebhookSecrets: async () => ["another", "It's a Secret to Everybody"],
      readApiToken: async () => apiToken,
    });
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const headers = { "x-hub-signature-256": signature };
    // 400 means that the signature was accepted: the example's body is not JSON.
    expect(await sendGithub(app, "ping", "Hello, World!", headers)).toMatchObject({ status: 400 });
    expect(await sendGithub(app, "ping", "Hello, World.", headers)).toMatchObject({ status: 401 });
  });

  const text = JSON.stringify(ping);
  const right = sign(text);
  test.each([
    ["is missing", null, "none"],
    ["is empty", "", "one that does not match"],
    ["is made with another secret", sign(text, "another"), "one that does not match"],
    ["is made with a longer secret", sign(text, `${webhookSecret}x`), "one that does not match"],
    ["belongs to another body", sign(`${text} `), "one that does not match"],
    ["uses another algorithm", `sha1=${right.slice(7, 47)}`, "one that does not match"],
    ["names another algorithm", right.replace("sha256", "sha1"), "one that does not match"],
    ["names no algorithm", right.slice(7), "one that does not match"],
    ["is too short", right.slice(0, -1), "one that does not match"],
    ["is too long", `${right}0`, "one that does not match"],
    ["is in upper case", right.toUpperCase(), "one that does not match"],
    ["is the secret", webhookSecret, "one that does not match"],
  ])("that %s is answered with 401 and what was expected", async (_what, signature, found) => {
    const { status, headers, body } = await send("ping", text, { "x-hub-signature-256": signature });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe("X-Hub-Signature-256");
    expect(body.detail).toBe(
      `expected the header X-Hub-Signature-256 with the body's signature by the webhook secret, found ${found}`,
    );
  });

  test.each([
    ["with spaces", JSON.stringify(ping, null, 4)],
    ["with escapes", text.replace("Keep it", "K\\u0065ep \\u2028it")],
    ["with characters of several bytes", `${text.replace("Keep it", "Ein Bär 🐳")} `],
    ["with a line break at the end", `${text}\r\n`],
  ])("covers the bytes of the body, such as one %s", async (_what, body) => {
    expect(await send("ping", body)).toMatchObject({ status: 200, body: { outcome: "ignored" } });
    // The same JSON in other bytes has another signature.
    expect(
      await send("ping", JSON.stringify(JSON.parse(body)), { "x-hub-signature-256": sign(body) }),
    ).toMatchObject({
      status: 401,
    });
  });

  test("covers the bytes of a form, too", async () => {
    const form = new URLSearchParams({ payload: JSON.stringify(ping) }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(await send("ping", form, headers)).toMatchObject({
      status: 200,
      body: { outcome: "ignored", reason: expect.stringMatching(/^ping: /), pipelines: [] },
    });
    expect(await send("ping", form, { ...headers, "x-hub-signature-256": right })).toMatchObject({
      status: 401,
    });
  });

  test("is required before the body is read", async () => {
    const headers = { "x-hub-signature-256": null, "content-type": "text/plain" };
    expect(await send("ping", "{", headers)).toMatchObject({ status: 401 });
  });
});

describe("an invalid request", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  test.each([
    ["broken JSON", "{", {}, "expected a JSON body, found one that does not parse"],
    ["nothing", "", {}, "expected a JSON body, found none"],
    ["a form without a payload", "a=b", form, "expected the form field payload, found none"],
    [
      "a form with a broken payload",
      "payload=%7B",
      form,
      "expected a JSON body, found one that does not parse",
    ],
    [
      "a push of nothing",
      "{}",
      {},
      "expected ref, after and repository.full_name, as in a GitHub push webhook",
    ],
  ])("is answered with 400 and the reason: %s", async (_what, body, headers, detail) => {
    expect(await send("push", body, headers)).toMatchObject({ status: 400, body: { detail } });
  });

  test("is answered with 415 for another content type", async () => {
    expect(await send("ping", ping, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
  });

  test("is answered with 413 if it is larger than 5 MiB, and with 400 up to that", async () => {
    const sendBytes = (size: number) => send("ping", " ".repeat(size), { "content-length": String(size) });
    const tooLarge = { status: 413, body: { detail: "expected a body of at most 5 MiB" } };
    expect(await sendBytes(5 * 1024 * 1024)).toMatchObject({ status: 400 });
    expect(await sendBytes(5 * 1024 * 1024 + 1)).toMatchObject(tooLarge);
    // Without a length, which GitHub always sends, at most 1 MiB is read.
    expect(await send("ping", " ".repeat(1024 * 1024))).toMatchObject({ status: 400 });
    expect(await send("ping", " ".repeat(1024 * 1024 + 1))).toMatchObject(tooLarge);
  });

  test("is answered with 503 if too many large ones come at once, while small ones are accepted", async () => {
    const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
    const size = 2 * 1024 * 1024;
    const held = Array.from({ length: 8 }, () =>
      fixture.app.request("/hooks/github", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": String(size),
          "x-hub-signature-256": "sha256=",
        },
        body: new ReadableStream({ start: (stream) => void streams.push(stream) }),
        // Required with a stream as body.
        duplex: "half",
      }),
    );
    const late = await send("ping", " ".repeat(size), { "content-length": String(size) });
    expect(late).toMatchObject({ status: 503 });
    expect(late.headers.get("retry-after")).toBe("5");
    expect(await send("ping", ping)).toMatchObject({ status: 200 });
    for (const stream of streams) stream.close();
    for (const response of held) expect((await response).status).toBe(401);
    expect(await send("ping", " ".repeat(size), { "content-length": String(size) })).toMatchObject({
      status: 400,
    });
  });
});

test.each(["", "issues", "PUSH", "__proto__"])("the event %j is ignored with the reason", async (event) => {
  expect(await send(event, push)).toMatchObject({
    status: 200,
    body: {
      outcome: "ignored",
      reason:
        "expected the event push, package, registry_package or workflow_run in X-GitHub-Event, found another or none",
      pipelines: [],
    },
  });
});

describe("a push", () => {
  test("to a repository that no pipeline has as its source is ignored", async () => {
    const repository = { full_name: "acme/unknown" };
    expect(await send("push", { ...push, repository })).toMatchObject({
      status: 200,
      body: { outcome: "ignored", reason: "no pipeline has this repository as its source", pipelines: [] },
    });
  });

  test("of a tag, of a deleted branch or of a branch that no pipeline names is ignored", async () => {
    expect((await send("push", { ...push, ref: "refs/tags/v1" })).body.reason).toBe(
      "pushes of this tag start nothing",
    );
    expect((await send("push", { ...push, deleted: true })).body.reason).toBe("the branch was deleted");
    expect((await send("push", { ...push, ref: "refs/heads/develop" })).body).toMatchObject({
      outcome: "ignored",
      reason: "pushes to this branch start nothing",
    });
    expect(fixture.hub.tags()).toEqual([]);
  });

  test("starts the steps whose files changed, in each pipeline with this source", async () => {
    const commits = [{ added: [], removed: [], modified: ["images/web/Dockerfile"] }];
    const { status, body } = await send("push", { ...push, commits });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: "advanced",
      pipelines: [
        { pipeline: "family", from: ["web"], outcome: "advanced", run: expect.stringMatching(/^family\./) },
        { pipeline: "whole", from: null, outcome: "advanced" },
      ],
    });
    expect(fixture.hub.tags().sort()).toEqual(["a", "web"]);
    const { run } = (await fixture.relay.store.load("family")).state;
    expect(run).toMatchObject({ cause: "source", from: ["web"] });
  });

  test("that is delivered again is a duplicate", async () => {
    const commits = [{ added: [], removed: [], modified: ["images/web/Dockerfile"] }];
    expect((await send("push", { ...push, commits })).body).toMatchObject({
      outcome: "duplicate",
      pipelines: [{ outcome: "duplicate" }, { outcome: "duplicate" }],
    });
    expect(fixture.hub.tags()).toHaveLength(2);
  });

  test("while a run is active starts a run after it", async () => {
    const { body } = await send("push", { ...push, after: "2".repeat(40), forced: true });
    expect(body.pipelines[0]).toMatchObject({
      pipeline: "family",
      from: ["base", "web"],
      outcome: "advanced",
    });
    expect(fixture.hub.tags()).toHaveLength(2);
    await fixture.app.request(`/hooks/dockerhub/${webhookSecret}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ push_data: { tag: "web" }, repository: { repo_name: "acme/family" } }),
    });
    expect(fixture.hub.tags().slice(2)).toEqual(["base"]);
    const { run } = (await fixture.relay.store.load("family")).state;
    expect(run).toMatchObject({ status: "running", cause: "source", from: ["base", "web"] });
  });

  test("of the same commit to another branch counts as another push", async () => {
    const { body } = await send("push", { ...push, ref: "refs/heads/release/1", after: "2".repeat(40) });
    expect(body.pipelines).toMatchObject([
      { pipeline: "family", outcome: "advanced" },
      { pipeline: "whole", outcome: "ignored" },
    ]);
  });
});

describe("a push to GitHub's container registry", () => {
  test.each([
    ["package", ghcrPackage, "advanced"],
    ["registry_package", ghcrRegistryPackage, "duplicate"],
  ])("is reported by the event %s", async (event, body, outcome) => {
    expect(await send(event, body)).toMatchObject({
      status: 200,
      body: { outcome, pipelines: [{ pipeline: "ghcr", step: "docker", outcome }] },
    });
  });

  test("has to be in GitHub's format, and other events of packages are ignored with the reason", async () => {
    expect(await send("package", { action: "published" })).toMatchObject({
      status: 400,
      body: { detail: "expected package.package_type to be text, as in a GitHub package webhook" },
    });
    expect(await send("package", { ...ghcrPackage, action: "deleted" })).toMatchObject({
      status: 200,
      body: { outcome: "ignored", reason: "the event is not the push of a tag", pipelines: [] },
    });
  });
});

test("no secret and no signature is in the log", () => {
  expect(fixture.logLines.length).toBeGreaterThan(20);
  for (const line of fixture.logLines) {
    expect(line).not.toContain(webhookSecret);
    expect(line).not.toContain(triggerSecret);
    expect(line).not.toContain("sha256=");
  }
});
