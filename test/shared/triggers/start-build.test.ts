import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import type { TriggerSettings } from "../../../shared/triggers/settings.ts";
import { startBuild } from "../../../shared/triggers/start-build.ts";
import type { TriggerOutcome } from "../../../shared/triggers/trigger.ts";
import { type AnyServer, answering, cutting, startAnyServer } from "../../stand-ins/any-server.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = answering(202, "{}");
  server.asked.length = 0;
});
afterAll(() => server.close());

const token = "01234567-89ab-cdef-0123-456789abcdef";
const url = "https://hub.docker.com/api/build/v1/source/1111/trigger/2222/call/";
const image = { repository: "maddouri/void-docker", tag: "init" };
const outcomes: TriggerOutcome[] = [];

async function trigger(settings: TriggerSettings, secret: string | null = url): Promise<TriggerOutcome> {
  const build = { image, pipeline: "p", step: "init", runId: "p.run-1", attempt: 1 };
  const origins = { ...realOrigins, hub: server.origin, github: server.origin };
  const context = { send: createSend(), origins, readSecret: async () => secret, clock: Date.now };
  const outcome = await startBuild(settings, build, context);
  outcomes.push(outcome);
  return outcome;
}
const dockerhub = (more = {}, secret?: string | null) =>
  trigger({ dockerhub: { secret: "VOID", ...more } }, secret);
const refused = (reason: string, retryAfterMs: number | null = null) => ({
  kind: "refused",
  reason,
  retryAfterMs,
});
const rejected = (reason: string) => ({ kind: "rejected", reason });

describe("Docker Hub", () => {
  test.each([
    ["the whole trigger URL", url, "/api/build/v1/source/1111/trigger/2222/call/"],
    ["a URL with white space around", ` ${url}\n`, "/api/build/v1/source/1111/trigger/2222/call/"],
    ["a legacy URL", "https://registry.hub.docker.com/u/a/b/trigger/t/", "/u/a/b/trigger/t/"],
    ["a legacy token", token, `/u/maddouri/void-docker/trigger/${token}/`],
  ])("is asked by %s", async (_what, secret, path) => {
    expect(await dockerhub({}, secret)).toEqual({ kind: "accepted" });
    expect(server.asked).toMatchObject([
      {
        method: "POST",
        path,
        headers: { "content-type": "application/json" },
        body: '{"docker_tag":"init"}',
      },
    ]);
  });

  test.each([
    [{ branch: "main" }, { source_type: "Branch", source_name: "main" }],
    [{ tag: "v1.1" }, { source_type: "Tag", source_name: "v1.1" }],
    [{ all: true }, { build: true }],
  ])("is asked for %j", async (settings, body) => {
    await dockerhub(settings);
    expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual(body);
  });

  const ignored = refused("Docker Hub ignored the request: a build is pending or was asked for too soon");
  test.each([
    [200, "OK", {}, { kind: "accepted" }],
    [202, "{}", {}, { kind: "accepted" }],
    [204, "", {}, { kind: "accepted" }],
    [200, "Ignored, build throttle", {}, ignored],
    [200, "A build for tag latest is already pending. Ignoring request.", {}, ignored],
    [429, "", { "retry-after": "7" }, refused("Docker Hub answered 429", 7_000)],
    [500, "", {}, refused("Docker Hub answered 500")],
    [503, "", { "retry-after": "1" }, refused("Docker Hub answered 503", 1_000)],
    [400, "", {}, rejected("Docker Hub answered 400 to the trigger in VOID")],
    [401, "", {}, rejected("Docker Hub answered 401 to the trigger in VOID")],
    [404, "{}", {}, rejected("Docker Hub answered 404 to the trigger in VOID")],
  ])("that answers %i %s", async (status, body, headers, outcome) => {
    server.answer = answering(status, body, headers);
    expect(await dockerhub()).toEqual(outcome);
  });

  test.each([301, 302, 303, 307, 308])(
    "that redirects by %i has lost the trigger, and is not followed",
    async (status) => {
      server.answer = answering(status, "", { location: `${server.origin}/login` });
      expect(await dockerhub()).toEqual(
        rejected(
          `Docker Hub answered ${status}: the trigger is gone; make a new one there and put it into VOID`,
        ),
      );
      expect(server.asked).toHaveLength(1);
    },
  );

  test("that breaks the connection may have started a build", async () => {
    server.answer = cutting;
    expect(await dockerhub()).toMatchObject({ kind: "unknown" });
  });

  test("that cannot be reached has started nothing", async () => {
    expect(await dockerhub({}, "http://127.0.0.1:9/trigger/2222/")).toEqual(
      refused("Docker Hub could not be asked: the connection was refused"),
    );
  });

  test("is not asked without the secret, which is named", async () => {
    expect(await dockerhub({}, null)).toEqual(rejected("the secret VOID is missing"));
  });

  test.each([
    "https://example.org/api/build/v1/source/1111/trigger/2222/call/",
    "http://hub.docker.com/api/build/v1/source/1111/trigger/2222/call/",
    "https://hub.docker.com.example.org/trigger/2222/",
    "a token with spaces 2222",
    "../../2222",
    "",
  ])("is not asked by what is neither its URL nor a token: %s", async (secret) => {
    expect(await dockerhub({}, secret)).toEqual(
      rejected("expected a trigger URL of hub.docker.com or a legacy token in VOID, found something else"),
    );
    expect(server.asked).toEqual([]);
  });
});

describe("GitHub", () => {
  const github = { repository: "acme/web", workflow: "image.yml", ref: "main", secret: "GITHUB_TOKEN" };

  test("is asked to dispatch the workflow", async () => {
    server.answer = answering(204);
    expect(await trigger({ github: { ...github, inputs: { tag: "1" } } }, "ghp_2222")).toEqual({
      kind: "accepted",
    });
    expect(server.asked).toMatchObject([
      {
        method: "POST",
        path: "/repos/acme/web/actions/workflows/image.yml/dispatches",
        headers: {
          accept: "application/vnd.github+json",
          authorization: "Bearer ghp_2222",
          "x-github-api-version": "2022-11-28",
          "user-agent": "tagrelay",
        },
        body: '{"ref":"main","inputs":{"tag":"1"}}',
      },
    ]);
  });

  test.each([
    [401, {}, rejected("GitHub answered 401")],
    [403, {}, rejected("GitHub answered 403")],
    [404, {}, rejected("GitHub answered 404")],
    [422, {}, rejected("GitHub answered 422")],
    [403, { "retry-after": "60" }, refused("GitHub answered 403", 60_000)],
    [429, { "retry-after": "60" }, refused("GitHub answered 429", 60_000)],
    [502, {}, refused("GitHub answered 502")],
  ])("that answers %i %j", async (status, headers, outcome) => {
    server.answer = answering(status, "{}", headers);
    expect(await trigger({ github }, "ghp_2222")).toEqual(outcome);
  });
});

test("no outcome tells a secret", () => {
  expect(outcomes.length).toBe(40);
  for (const outcome of outcomes) expect(JSON.stringify(outcome)).not.toMatch(/2222|01234567/);
});
