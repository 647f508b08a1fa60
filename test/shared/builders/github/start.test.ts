import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { secretsOfTrigger } from "../../../../shared/builders/builders.ts";
import type { GithubSettings } from "../../../../shared/builders/github/settings.ts";
import { github } from "../../../../shared/builders/github/start.ts";
import type { TriggerOutcome } from "../../../../shared/kinds/builder.ts";
import { realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import {
  type AnyServer,
  answering,
  cutting,
  startAnyServer,
  staying,
} from "../../../stand-ins/any-server.ts";
import { withShortTimeout } from "../../../stand-ins/short-timeout.ts";

const now = Date.UTC(2026, 10, 20, 3);
const token = "ghp_s3cret4444";
const workflow = { repository: "acme/web", workflow: "image.yml", ref: "main", secret: "GITHUB_TOKEN" };
const event = { repository: "acme/web", event: "rebuild", secret: "GITHUB_TOKEN" };
const outcomes: TriggerOutcome[] = [];

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = answering(204);
  server.asked.length = 0;
});
afterAll(() => server.close());

const send = createSend();

async function dispatch(
  settings: GithubSettings = workflow,
  secret: string | null = token,
  origin = server.origin,
): Promise<TriggerOutcome> {
  const build = {
    image: { repository: "acme/chain", tag: "step-1" },
    ...{
      pipeline: "p",
      step: "s",
      runId: "p.run-1",
      attempt: 1,
      timeoutMs: 60_000,
      bases: [],
      tags: [],
      parameters: {},
    },
  };
  const outcome = await github.start(settings, build, {
    send: withShortTimeout(send),
    origins: { ...realOrigins, github: origin },
    readSecret: async (name) => (name === "GITHUB_TOKEN" ? secret : "another"),
    commands: null,
    clock: () => now,
  });
  outcomes.push(outcome);
  return outcome;
}
const refused = (reason: string, retryAfterMs: number | null = null) => ({
  kind: "refused",
  reason,
  retryAfterMs,
});
const rejected = (reason: unknown) => ({ kind: "rejected", reason });

describe("a request to GitHub", () => {
  test("is one POST with the required headers and no others", async () => {
    expect(await dispatch(workflow, ` ${token}\n`)).toEqual({ kind: "accepted", build: null });
    expect(server.asked).toHaveLength(1);
    const [{ headers = {}, ...request } = {}] = server.asked;
    expect(request).toEqual({
      method: "POST",
      path: "/repos/acme/web/actions/workflows/image.yml/dispatches",
      body: '{"ref":"main","return_run_details":true}',
    });
    const { host, connection, ...others } = headers;
    expect(host).toBe(new URL(server.origin).host);
    expect(connection).toBe("keep-alive");
    expect(others).toEqual({
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-length": "40",
      "content-type": "application/json",
      "user-agent": "tagrelay",
      "x-github-api-version": "2022-11-28",
    });
  });

  test.each([
    [{ ref: "refs/heads/a/b" }, { ref: "refs/heads/a/b" }],
    [{ inputs: {} }, { ref: "main", inputs: {} }],
    [{ inputs: { tag: "1", 'quo"ted': "a\nb" } }, { ref: "main", inputs: { tag: "1", 'quo"ted': "a\nb" } }],
  ])("with %j has exactly that in its body", async (settings, body) => {
    await dispatch({ ...workflow, ...settings });
    expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({ ...body, return_run_details: true });
  });

  test("has the placeholders of its inputs replaced, in one pass", async () => {
    const inputs = {
      "{tag}": "{tag}",
      all: "{image} {repository} {run} {step} {pipeline} {attempt} {{tag}}",
    };
    await dispatch({ ...workflow, inputs });
    expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
      ref: "main",
      return_run_details: true,
      inputs: { "{tag}": "step-1", all: "acme/chain:step-1 acme/chain p.run-1 s p 1 {step-1}" },
    });
  });

  test("can name a workflow by its number", async () => {
    await dispatch({ ...workflow, repository: "a.b/c_d-e", workflow: "161335" });
    expect(server.asked[0]?.path).toBe("/repos/a.b/c_d-e/actions/workflows/161335/dispatches");
  });
});

describe("a repository dispatch", () => {
  test("is one POST with the event's type and payload", async () => {
    const payload = { image: "{image}", note: '{repository} "{tag}" {"json": 1} {}', run: "{run}/{attempt}" };
    expect(await dispatch({ ...event, payload })).toEqual({ kind: "accepted", build: null });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ method: "POST", path: "/repos/acme/web/dispatches" });
    expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
      event_type: "rebuild",
      client_payload: {
        image: "acme/chain:step-1",
        note: 'acme/chain "step-1" {"json": 1} {}',
        run: "p.run-1/1",
      },
    });
  });

  test("without a payload has none", async () => {
    await dispatch(event);
    expect(server.asked[0]?.body).toBe('{"event_type":"rebuild"}');
  });

  test("has the placeholders of its type replaced", async () => {
    await dispatch({ ...event, event: "rebuild-{tag}" });
    expect(server.asked[0]?.body).toBe('{"event_type":"rebuild-step-1"}');
  });

  test.each([
    [403, "the token in GITHUB_TOKEN needs write permission for Contents"],
    [422, "GitHub does not accept the event or its payload"],
  ])("that GitHub answers with %i is rejected with advice", async (status, advice) => {
    server.answer = answering(status, '{"message":"so"}');
    expect(await dispatch(event)).toEqual(rejected(`GitHub answered ${status}: ${advice}`));
  });
});

describe("an answer of GitHub", () => {
  const url = "https://github.com/acme/web/actions/runs/22345678901";
  const details = {
    workflow_run_id: 22345678901,
    run_url: "https://api.github.com/repos/acme/web/actions/runs/22345678901",
    html_url: url,
  };

  test("that names the workflow run has it as the build", async () => {
    server.answer = answering(200, JSON.stringify(details));
    expect(await dispatch()).toEqual({ kind: "accepted", build: { id: "22345678901", url } });
  });

  test("to a repository_dispatch event names no build, whatever it contains", async () => {
    server.answer = answering(200, JSON.stringify(details));
    expect(await dispatch(event)).toEqual({ kind: "accepted", build: null });
  });

  test.each([
    [200, {}, { kind: "accepted", build: null }],
    [204, {}, { kind: "accepted", build: null }],
    [401, {}, rejected("GitHub answered 401: the token in GITHUB_TOKEN is invalid or has expired")],
    [403, {}, rejected("GitHub answered 403: the token in GITHUB_TOKEN needs write permission for Actions")],
    [
      404,
      {},
      rejected(
        "GitHub answered 404: acme/web does not exist, has no such workflow, or is not visible to the token in GITHUB_TOKEN",
      ),
    ],
    [
      422,
      {},
      rejected(
        "GitHub answered 422: the ref does not exist, the workflow has no workflow_dispatch trigger, or it does not accept these inputs",
      ),
    ],
    [403, { "retry-after": "60" }, refused("GitHub answered 403", 60_000)],
    [429, { "retry-after": "60" }, refused("GitHub answered 429", 60_000)],
    [429, {}, refused("GitHub answered 429")],
    [500, {}, refused("GitHub answered 500")],
    [502, {}, refused("GitHub answered 502")],
    [503, { "retry-after": "1" }, refused("GitHub answered 503", 1_000)],
  ])("of %i with %j has its outcome after one request", async (status, headers, outcome) => {
    server.answer = answering(status, '{"message":"so"}', headers);
    expect(await dispatch()).toEqual(outcome);
    expect(server.asked).toHaveLength(1);
  });

  const inOneMinute = String(now / 1_000 + 60);
  const used = { "x-ratelimit-remaining": "0" };
  test.each([
    [403, { ...used, "x-ratelimit-reset": inOneMinute }, 60_000],
    [429, { ...used, "x-ratelimit-reset": inOneMinute }, 60_000],
    [403, { ...used, "x-ratelimit-reset": inOneMinute, "retry-after": "5" }, 5_000],
    [403, { ...used, "x-ratelimit-reset": String(now / 1_000 - 60) }, 0],
    [403, { ...used, "x-ratelimit-reset": "soon" }, null],
    [403, used, null],
    [429, used, null],
  ])(
    "of %i with %j means that the rate limit is used up, with the time to wait",
    async (status, headers, waitMs) => {
      server.answer = answering(status, '{"message":"API rate limit exceeded"}', headers);
      expect(await dispatch()).toEqual(
        refused(`GitHub answered ${status}: the rate limit is used up`, waitMs),
      );
    },
  );

  test.each([
    [403, { "x-ratelimit-remaining": "4999", "x-ratelimit-reset": inOneMinute }],
    [401, { ...used, "x-ratelimit-reset": inOneMinute }],
    [404, { ...used, "x-ratelimit-reset": inOneMinute }],
    [422, { ...used, "x-ratelimit-reset": inOneMinute }],
  ])("of %i with %j has another reason than the rate limit", async (status, headers) => {
    server.answer = answering(status, "{}", headers);
    expect(await dispatch()).toEqual(rejected(expect.stringMatching(`^GitHub answered ${status}: `)));
  });

  test("that uses up the rate limit is still a success", async () => {
    server.answer = answering(204, "", { ...used, "x-ratelimit-reset": inOneMinute });
    expect(await dispatch()).toEqual({ kind: "accepted", build: null });
  });

  test.each([301, 302, 307, 308])("of %i is rejected, and the token goes nowhere else", async (status) => {
    const elsewhere = await startAnyServer();
    server.answer = answering(status, "", { location: `${elsewhere.origin}/` });
    expect(await dispatch()).toEqual(rejected(`GitHub answered ${status}`));
    expect([server.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
    await elsewhere.close();
  });

  test.each([
    ["does not come in time", staying, /^GitHub: no answer in time$/],
    ["is cut off", cutting, /^GitHub: the connection broke \(\w+\)$/],
  ])("that %s leaves it unknown whether a build was started", async (_what, answer, reason) => {
    server.answer = answer;
    expect(await dispatch()).toEqual({ kind: "unknown", reason: expect.stringMatching(reason) });
    await sleep(50);
    expect(server.asked).toHaveLength(1);
  });

  test("cannot come from a closed port, so nothing was started", async () => {
    const closed = await startAnyServer();
    await closed.close();
    expect(await dispatch(workflow, token, closed.origin)).toEqual(
      refused("could not reach GitHub: the connection was refused"),
    );
  });
});

describe("a disabled workflow", () => {
  const message = "Cannot trigger a 'workflow_dispatch' on a disabled workflow";
  const disabled = answering(422, JSON.stringify({ message, documentation_url: "https://docs.github.com" }));
  const dispatches = "/repos/acme/web/actions/workflows/image.yml/dispatches";
  const enable = "/repos/acme/web/actions/workflows/image.yml/enable";
  const requests = () => server.asked.map(({ method, path }) => `${method} ${path}`);
  const answers = (...each: (typeof server.answer)[]) => {
    server.answer = (response) => each.shift()?.(response);
  };

  test("is named, with what to do", async () => {
    answers(disabled);
    expect(await dispatch()).toEqual(
      rejected(
        "GitHub answered 422: the workflow image.yml is disabled; enable it with: gh workflow enable image.yml --repo acme/web, or set enable: true, which does that",
      ),
    );
    expect(requests()).toEqual([`POST ${dispatches}`]);
  });

  test("is enabled with enable: true, and dispatched again as before", async () => {
    answers(disabled, answering(204), answering(200, '{"workflow_run_id":7}'));
    expect(await dispatch({ ...workflow, enable: true, inputs: { tag: "{tag}" } })).toEqual({
      kind: "accepted",
      build: { id: "7", url: null },
    });
    expect(requests()).toEqual([`POST ${dispatches}`, `PUT ${enable}`, `POST ${dispatches}`]);
    const [first, second, third] = server.asked;
    expect(third?.body).toBe(first?.body);
    expect(second).toMatchObject({ body: "", headers: { authorization: `Bearer ${token}` } });
  });

  test("is dispatched once more only, and left alone if it does not need to be enabled", async () => {
    answers(disabled, answering(204), disabled);
    expect(await dispatch({ ...workflow, enable: true })).toEqual(
      rejected(
        "GitHub answered 422: the workflow image.yml is still disabled after it was enabled; see the Actions of acme/web",
      ),
    );
    expect(requests()).toHaveLength(3);
    server.asked.length = 0;
    answers(answering(422, `{"message":"No ref found for: main"}`));
    expect(await dispatch({ ...workflow, enable: true })).toMatchObject({ kind: "rejected" });
    expect(requests()).toHaveLength(1);
  });

  test.each([
    ["may not be enabled", answering(403), "rejected", "GitHub answered 403"],
    ["cannot be enabled now", answering(503), "refused", "GitHub answered 503"],
    ["is enabled without an answer", cutting, "refused", "GitHub: the connection broke"],
  ])("that %s starts nothing", async (_what, answer, kind, reason) => {
    answers(disabled, answer);
    const outcome = await dispatch({ ...workflow, enable: true });
    expect(outcome).toMatchObject({
      kind,
      reason: expect.stringContaining(
        `the workflow image.yml is disabled, and enabling it failed: ${reason}`,
      ),
    });
    expect(requests()).toEqual([`POST ${dispatches}`, `PUT ${enable}`]);
  });
});

describe("a secret", () => {
  test("is named if it is missing, and nothing is sent", async () => {
    expect(await dispatch(workflow, null)).toEqual(rejected("the secret GITHUB_TOKEN is missing"));
    expect(server.asked).toEqual([]);
  });

  test("is the only one that a trigger needs", () => {
    expect(secretsOfTrigger({ kind: "github", ...workflow })).toEqual(["GITHUB_TOKEN"]);
  });

  test.each(["", " ", `${token}\n${token}`, `${token} ${token}`, `${token}\u0000`, `${token}é`])(
    "that does not fit into a header is rejected, neither sent nor shown: %j",
    async (secret) => {
      expect(await dispatch(workflow, secret)).toEqual(
        rejected("expected a token in GITHUB_TOKEN, found something else"),
      );
      expect(server.asked).toEqual([]);
    },
  );
});

test("no outcome of these tests contains the token or an address", () => {
  expect(outcomes.length).toBeGreaterThan(40);
  for (const outcome of outcomes) {
    // The build's page is for people.
    expect(JSON.stringify({ ...outcome, build: null })).not.toMatch(
      /ghp_|4444|s3cret|Bearer|https?:|127\.0\.0\.1|\/repos/,
    );
  }
});
