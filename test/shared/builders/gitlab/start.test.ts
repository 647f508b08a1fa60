import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gitlabSettings } from "../../../../shared/builders/gitlab/settings.ts";
import { gitlab } from "../../../../shared/builders/gitlab/start.ts";
import {
  type AnyServer,
  answering,
  cutting,
  startAnyServer,
  staying,
} from "../../../stand-ins/any-server.ts";
import { build, triggerContext } from "../../../stand-ins/trigger-context.ts";

const token = "glptt-s3cret5555";
let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = answering(
    201,
    '{"id":161,"status":"created","web_url":"https://gitlab.com/acme/web/-/pipelines/161"}',
  );
  server.asked.length = 0;
});
afterAll(() => server.close());

const start = (settings: object = {}, secrets: Record<string, string> = { GITLAB_TRIGGER: `${token}\n` }) =>
  gitlab.start(
    gitlabSettings.parse({ project: "acme/web", secret: "GITLAB_TRIGGER", ...settings }),
    build,
    triggerContext({ others: server.origin }, secrets),
  );

describe("a request to GitLab", () => {
  test("is one POST of a form to the project by its path", async () => {
    const variables = { TAG: "{tag}", WHAT: "{image} & {attempt}" };
    expect(await start({ project: "group/sub/name", ref: "v1/a", variables })).toEqual({
      kind: "accepted",
      build: { id: "161", url: "https://gitlab.com/acme/web/-/pipelines/161" },
    });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({
      method: "POST",
      path: "/at/gitlab.com/api/v4/projects/group%2Fsub%2Fname/trigger/pipeline",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect([...new URLSearchParams(server.asked[0]?.body)]).toEqual([
      ["token", token],
      ["ref", "v1/a"],
      ["variables[TAG]", "step-1"],
      ["variables[WHAT]", "acme/chain:step-1 & 1"],
    ]);
  });

  test("may name the project by its number, and a self-managed GitLab", async () => {
    await start({ project: 42, host: "gitlab.example.org:8443" });
    expect(server.asked[0]?.path).toBe("/at/gitlab.example.org:8443/api/v4/projects/42/trigger/pipeline");
  });
});

describe("an answer of GitLab", () => {
  const tooMany = { message: { base: ["Too many pipelines created in the last minute. Try again later."] } };
  const missing = { message: { base: ["Reference not found"] } };
  test.each([
    [201, {}, {}, { kind: "accepted", build: null }],
    [
      400,
      missing,
      {},
      {
        kind: "rejected",
        reason: expect.stringMatching(/^GitLab answered 400: the branch or tag main does not exist/),
      },
    ],
    [
      400,
      tooMany,
      {},
      {
        kind: "refused",
        reason: "GitLab has started too many pipelines in the last minute",
        retryAfterMs: 60_000,
      },
    ],
    [
      401,
      {},
      {},
      {
        kind: "rejected",
        reason: "GitLab answered 401: the token in GITLAB_TRIGGER is not valid for project acme/web",
      },
    ],
    [
      403,
      {},
      {},
      { kind: "rejected", reason: expect.stringMatching(/^GitLab answered 403: the owner of the token/) },
    ],
    [
      404,
      { message: "404 Not Found" },
      {},
      {
        kind: "rejected",
        reason: expect.stringMatching(/^GitLab answered 404: project acme\/web does not exist, or the token/),
      },
    ],
    [
      429,
      {},
      { "retry-after": "30" },
      { kind: "refused", reason: "GitLab answered 429", retryAfterMs: 30_000 },
    ],
    [500, {}, {}, { kind: "refused", reason: "GitLab answered 500", retryAfterMs: null }],
    [502, {}, {}, { kind: "refused", reason: "GitLab answered 502", retryAfterMs: null }],
    [
      302,
      {},
      { location: "https://gitlab.example.org/" },
      { kind: "rejected", reason: "GitLab answered 302" },
    ],
  ])("of %i with %j has its outcome after one request", async (status, body, headers, outcome) => {
    server.answer = answering(status, JSON.stringify(body), headers);
    const found = await start();
    expect(found).toEqual(outcome);
    expect(server.asked).toHaveLength(1);
    expect(JSON.stringify(found)).not.toMatch(/5555|127\.0\.0\.1/);
  });

  test.each([
    ["does not come in time", staying],
    ["is cut off", cutting],
  ])("that %s leaves it unknown whether a build was started", async (_what, answer) => {
    server.answer = answer;
    expect(await start()).toMatchObject({ kind: "unknown", reason: expect.stringMatching(/^GitLab: /) });
    expect(server.asked).toHaveLength(1);
  });
});

test("a missing trigger token is named, and nothing is sent", async () => {
  expect(await start({}, {})).toEqual({ kind: "rejected", reason: "the secret GITLAB_TRIGGER is missing" });
  expect(server.asked).toEqual([]);
});
