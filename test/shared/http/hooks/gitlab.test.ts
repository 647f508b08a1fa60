import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../../../shared/http/app.ts";
import { readFixture } from "../../../stand-ins/github-webhook.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    family: {
      image: "acme/family",
      source: { gitlab: "acme/team/images", paths: "images/**" },
      steps: {
        base: { image: "acme/family:base", paths: "images/base" },
        web: { image: "acme/family:web", paths: "images/web" },
        docs: { image: "acme/family:docs", paths: "docs" },
      },
    },
    tagged: {
      source: { gitlab: "acme/team/images", tags: "v*" },
      parameters: { version: null },
      steps: { one: { image: "acme/tagged:{version}" } },
    },
    elsewhere: { image: "acme/x", source: { bitbucket: "acme/images" }, sequence: ["a"] },
    atGithub: { image: "acme/y", source: { github: "team/images" }, sequence: ["a"] },
  });
});
afterAll(() => fixture.stop());

const push = readFixture("webhooks-gitlab/push.json");
const tagPush = readFixture("webhooks-gitlab/tag-push.json");

async function send(
  event: string,
  payload: unknown,
  proof: Record<string, string> = { "x-gitlab-token": webhookSecret },
  app = fixture.app,
) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const headers = { "content-type": "application/json", "x-gitlab-event": event, ...proof };
  const response = await app.request("/hooks/gitlab", { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, body: await readJson(response) };
}

/** As GitLab signs with the signing token. */
function signed(payload: unknown, token: string, at = fixture.relay.clock(), id = "f5e5f430") {
  const key = Buffer.from(token.replace(/^whsec_/, ""), "base64");
  const timestamp = String(Math.floor(at / 1_000));
  const content = `${id}.${timestamp}.${typeof payload === "string" ? payload : JSON.stringify(payload)}`;
  const signature = `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}

describe("a push", () => {
  test("starts a run at the steps whose files changed, once", async () => {
    expect(await send("Push Hook", push)).toMatchObject({
      status: 200,
      body: {
        outcome: "advanced",
        pipelines: [
          { pipeline: "family", from: ["base", "web"], outcome: "advanced" },
          { pipeline: "tagged", outcome: "ignored", reason: "pushes to this branch start nothing" },
        ],
      },
    });
    expect((await send("Push Hook", push)).body.outcome).toBe("duplicate");
    const { run } = (await fixture.relay.store.load("family")).state;
    expect(run).toMatchObject({ cause: "source", from: ["base", "web"] });
  });

  test("of a tag starts a run with its version", async () => {
    expect(await send("Tag Push Hook", tagPush)).toMatchObject({
      status: 200,
      body: {
        outcome: "advanced",
        pipelines: [
          { pipeline: "family", outcome: "ignored", reason: "pushes of this tag start nothing" },
          { pipeline: "tagged", outcome: "advanced" },
        ],
      },
    });
    const { run } = (await fixture.relay.store.load("tagged")).state;
    expect(run).toMatchObject({ cause: "source", parameters: { version: "1.2.3" } });
  });

  test("to a project that is no source is ignored, also to one of this name at another host", async () => {
    const project = { ...push.project, path_with_namespace: "team/images" };
    expect((await send("Push Hook", { ...push, project })).body).toEqual({
      outcome: "ignored",
      reason: "no pipeline has this repository as its source",
      pipelines: [],
    });
  });

  test("that deletes is ignored, one that cannot be read is answered with 400, and so are other events", async () => {
    expect((await send("Tag Push Hook", { ...tagPush, after: "0".repeat(40) })).body).toMatchObject({
      outcome: "ignored",
      reason: "the tag was deleted",
    });
    expect(await send("Push Hook", {})).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^expected ref, after and project.path_with_namespace/) },
    });
    expect(await send("Issue Hook", push)).toMatchObject({
      status: 200,
      body: {
        outcome: "ignored",
        reason: expect.stringContaining("Push Hook, Tag Push Hook or Pipeline Hook"),
      },
    });
  });
});

describe("a signature by a signing token", () => {
  const token = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
  const secrets: Record<"current" | "previous", string[]> = { current: ["other", token], previous: [] };
  const app = () =>
    createApp(fixture.relay, {
      readWebhookSecrets: async (which) => secrets[which],
      readApiToken: async () => apiToken,
    });
  const other = { ...push, ref: "refs/heads/other" };

  test("is accepted", async () => {
    expect(await send("Push Hook", other, signed(other, token), app())).toMatchObject({
      status: 200,
      body: { outcome: "ignored" },
    });
  });

  test("is accepted by the token that configuration.md makes of any webhook secret", async () => {
    const page = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
    const [, command = ""] = /```sh\n(printf 'whsec_.*)\n```/.exec(page) ?? [];
    const env = { PATH: process.env.PATH, TAGRELAY_WEBHOOK_SECRET: webhookSecret };
    const made = execFileSync("sh", ["-c", command], { env, encoding: "utf8" }).trim();
    expect(made).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await send("Push Hook", other, signed(other, made))).status).toBe(200);
  });

  test("is one of several, as while a token is replaced", async () => {
    const right = signed(other, token);
    const both = { ...right, "webhook-signature": `v1,AAAA ${right["webhook-signature"]}` };
    expect((await send("Push Hook", other, both, app())).status).toBe(200);
  });

  const now = () => fixture.relay.clock();
  const minute = 60_000;
  test.each<[string, () => Record<string, string>, number]>([
    ["of another body", () => signed(push, token), 401],
    ["of another token", () => signed(other, `whsec_${"A".repeat(43)}=`), 401],
    ["of another delivery", () => ({ ...signed(other, token), "webhook-id": "another" }), 401],
    ["of another version", () => ({ ...signed(other, token), "webhook-signature": "v2,AAAA" }), 401],
    ["of another time", () => ({ ...signed(other, token), "webhook-timestamp": "1" }), 401],
    ["without a time", () => ({ "webhook-signature": "v1,AAAA" }), 401],
    ["that is empty", () => ({ "webhook-signature": "" }), 401],
    ["of six minutes ago", () => signed(other, token, now() - 6 * minute), 401],
    ["of the future", () => signed(other, token, now() + 6 * minute), 401],
    ["of four minutes ago", () => signed(other, token, now() - 4 * minute), 200],
  ])("%s is answered with its status", async (_what, proof, status) => {
    expect((await send("Push Hook", other, proof(), app())).status).toBe(status);
  });

  test("of a body that cannot be read is answered like any other such body", async () => {
    const text = "not JSON";
    expect((await send("Push Hook", text, signed(text, token), app())).status).toBe(400);
    const large = " ".repeat(1024 * 1024 + 1);
    expect((await send("Push Hook", large, signed(large, token), app())).status).toBe(413);
    const plain = { ...signed(text, token), "content-type": "text/plain" };
    expect((await send("Push Hook", text, plain, app())).status).toBe(415);
  });
});

test("without the right token, nothing is read and no secret is in the log", async () => {
  for (const proof of [{}, { "x-gitlab-token": "" }, { "x-gitlab-token": `${webhookSecret}x` }]) {
    expect(await send("Push Hook", "not JSON", proof)).toMatchObject({ status: 401 });
  }
  expect(fixture.logLines.join("\n")).not.toContain(webhookSecret);
});
