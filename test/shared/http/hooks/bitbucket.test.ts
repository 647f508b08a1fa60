import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFixture, sign } from "../../../stand-ins/github-webhook.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    family: {
      image: "acme/family",
      source: { bitbucket: "Acme/Images", paths: "images/**" },
      steps: {
        base: { image: "acme/family:base", paths: "images/base" },
        web: { image: "acme/family:web", after: "base" },
        docs: { image: "acme/family:docs", paths: "docs" },
      },
    },
    tagged: {
      source: { bitbucket: "acme/images", branch: "main", tags: "v{version}" },
      parameters: { version: "latest" },
      steps: { one: { image: "acme/tagged:{version}" } },
    },
    atGithub: { image: "acme/y", source: { github: "acme/images" }, sequence: ["a"] },
  });
});
afterAll(() => fixture.stop());

const webhook = readFixture("webhooks-bitbucket/push.json");
const [, tag, deleted] = webhook.push.changes;
const withChanges = (...changes: unknown[]) => ({ ...webhook, push: { changes } });

/** Leaves out headers that are null. */
async function send(payload: unknown, changed: Record<string, string | null> = {}) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const all = {
    "content-type": "application/json",
    "x-event-key": "repo:push",
    "x-hub-signature": sign(body),
    ...changed,
  };
  const headers = Object.entries(all).filter((header): header is [string, string] => header[1] !== null);
  const response = await fixture.app.request("/hooks/bitbucket", { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, body: await readJson(response) };
}

describe("a push", () => {
  test("of a branch and a tag starts the runs of both, at all steps with paths", async () => {
    expect(await send(webhook)).toMatchObject({
      status: 200,
      body: {
        outcome: "advanced",
        pipelines: [
          { pipeline: "family", from: ["base", "docs"], outcome: "advanced" },
          { pipeline: "tagged", from: null, outcome: "advanced" },
          { pipeline: "family", outcome: "ignored", reason: "pushes of this tag start nothing" },
          { pipeline: "tagged", from: null, outcome: "advanced" },
        ],
      },
    });
    const { state } = await fixture.relay.store.load("tagged");
    expect(state.run).toMatchObject({ status: "running", parameters: { version: "latest" } });
    expect(state.queuedRun).toMatchObject({ parameters: { version: "1.2.3" } });
  });

  test("that comes again is a duplicate", async () => {
    expect((await send(webhook)).body.outcome).toBe("duplicate");
    expect((await send(withChanges(tag))).body.outcome).toBe("duplicate");
  });

  test("that only deletes, or is to a repository that is no source, is ignored", async () => {
    expect((await send(withChanges(deleted))).body).toMatchObject({
      outcome: "ignored",
      reason: "the push only deletes",
    });
    const repository = { ...webhook.repository, full_name: "acme/other" };
    expect((await send({ ...webhook, repository })).body).toMatchObject({
      outcome: "ignored",
      reason: "no pipeline has this repository as its source",
    });
  });

  test("that cannot be read is answered with 400, and other events are ignored", async () => {
    expect(await send({})).toMatchObject({ status: 400 });
    expect(await send("{")).toMatchObject({ status: 400 });
    expect(await send({}, { "x-event-key": "repo:fork" })).toMatchObject({
      status: 200,
      body: { outcome: "ignored", reason: expect.stringContaining("expected the event repo:push") },
    });
    expect(await send(webhook, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
    expect(await send(" ".repeat(1024 * 1024 + 1))).toMatchObject({ status: 413 });
  });
});

const right = sign(JSON.stringify(webhook));
test.each([
  ["is missing", null],
  ["is empty", ""],
  ["is made with another secret", sign(JSON.stringify(webhook), "another")],
  ["belongs to another body", sign("{}")],
  ["names another algorithm", right.replace("sha256", "sha1")],
  ["names no algorithm", right.slice(7)],
])("a signature that %s is refused", async (_what, signature) => {
  expect(await send(webhook, { "x-hub-signature": signature })).toMatchObject({
    status: 401,
    body: { detail: expect.stringContaining("expected the header X-Hub-Signature") },
  });
});

test("no secret and no signature is in the log", () => {
  expect(fixture.logLines.length).toBeGreaterThan(5);
  for (const line of fixture.logLines) {
    expect(line).not.toContain(webhookSecret);
    expect(line).not.toContain("sha256=");
  }
});
