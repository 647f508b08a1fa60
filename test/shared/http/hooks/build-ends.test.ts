// What the webhooks of GitHub and GitLab about the ends of builds do to steps.
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../../../../shared/http/app.ts";
import { apply } from "../../../../shared/relay/apply.ts";
import { newRunId, type Relay } from "../../../../shared/relay/relay.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { readFixture, sendGithub } from "../../../stand-ins/github-webhook.ts";
import { readJson } from "../../../stand-ins/json.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../../stand-ins/relay.ts";

const workflowRun = readFixture("webhooks-github/workflow-run.json");
const gitlabPipeline = readFixture("webhooks-gitlab/pipeline.json");
const github = { repository: "Acme/Images", secret: "GITHUB_TOKEN" };
const workflow = { github: { ...github, workflow: "image.yml" } };
const event = { github: { ...github, event: "rebuild" } };
const gitlab = (project: string | number) => ({ gitlab: { project, secret: "GITLAB_TRIGGER" } });

let gitlabServer: AnyServer;
let fixture: Fixture;
let relay: Relay;
let app: ReturnType<typeof createApp>;
let slept: number[];
/** Triggers are sent once this is resolved. */
let beforeSending: Promise<void>;
/** Runs whenever the program sleeps. */
let whileAsleep: () => Promise<void>;
beforeAll(async () => {
  gitlabServer = await startAnyServer();
  gitlabServer.answer = answering(201, '{"id":161,"web_url":"https://gitlab.com/acme/web/-/pipelines/161"}');
});
afterAll(() => gitlabServer.close());
beforeEach(async () => {
  fixture = await startFixture({
    retried: { image: "acme/retried", trigger: workflow, retries: 1, sequence: ["a", "b"] },
    once: { image: "acme/once", trigger: workflow, retries: 0, sequence: [["a", "b"]] },
    titled: { image: "acme/titled", trigger: event, retries: 0, steps: { s: { image: "acme/titled:s" } } },
    bypath: { image: "acme/bypath", trigger: gitlab("acme/Web"), retries: 0, sequence: ["a"] },
    builtGithub: { image: "ghcr.io/acme/built", trigger: workflow, done: "built", sequence: ["a", "b"] },
    builtGitlab: {
      image: "registry.gitlab.com/acme/built",
      trigger: gitlab("acme/built"),
      done: "built",
      sequence: ["a"],
    },
    bynumber: { image: "acme/bynumber", trigger: gitlab(42), retries: 0, sequence: ["a"] },
  });
  slept = [];
  beforeSending = Promise.resolve();
  whileAsleep = async () => undefined;
  const { builderContext } = fixture.relay;
  relay = {
    ...fixture.relay,
    builderContext: {
      ...builderContext,
      origins: { ...builderContext.origins, others: gitlabServer.origin },
      send: async (outgoing) => {
        await beforeSending;
        return builderContext.send(outgoing);
      },
    },
    sleep: async (ms) => {
      slept.push(ms);
      await whileAsleep();
    },
  };
  app = createApp(relay, {
    readWebhookSecrets: async () => [webhookSecret],
    readApiToken: async () => apiToken,
  });
});
afterEach(() => fixture.stop());

const pipelineOf = (name: string) => {
  const pipeline = relay.pipelines.get(name);
  if (pipeline === undefined) throw new Error(`expected the pipeline ${name}`);
  return pipeline;
};
async function start(name: string): Promise<string> {
  const id = newRunId(relay, pipelineOf(name));
  const request = { cause: "manual", from: null } as const;
  await apply(relay, pipelineOf(name), { kind: "runRequested", newRunId: id, ...request });
  return id;
}
const details = (id: number) => ({
  status: 200,
  body: JSON.stringify({ workflow_run_id: id, html_url: "https://github.com/x" }),
});
const steps = async (name: string) => (await relay.store.load(name)).state.run?.steps;
const report = (change: object = {}, action = "completed") =>
  sendGithub(app, "workflow_run", {
    ...workflowRun,
    action,
    workflow_run: { ...workflowRun.workflow_run, ...change },
  });
const push = (image: string) => {
  const [repository = "", tag = ""] = image.split(":");
  return app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ push_data: { tag }, repository: { repo_name: repository } }),
  });
};
const reason = "GitHub Actions: failure (https://github.com/acme/images/actions/runs/22345678901)";
const unknown = { outcome: "ignored", reason: "no step waits for this build", pipelines: [] };

describe("a failed workflow run", () => {
  test("fails the step whose build it is, and no other", async () => {
    fixture.hub.answerNext(details(1), details(22345678901));
    const run = await start("once");
    const builds = (await steps("once"))?.map(({ name, build }) => [build?.id, name]) ?? [];
    const { status, body } = await report();
    const step = new Map(builds.map(([id, name]) => [id, name])).get("22345678901");
    expect({ status, body }).toEqual({
      status: 200,
      body: { outcome: "advanced", pipelines: [{ pipeline: "once", step, run, outcome: "advanced" }] },
    });
    const found = (await steps("once")) ?? [];
    expect(found.find(({ name }) => name === step)).toMatchObject({ state: "failed", reason });
    expect(found.find(({ name }) => name !== step)).toMatchObject({ state: "building" });
  });

  test("is retried if a retry is left, and a repeated report does nothing", async () => {
    fixture.hub.answerNext(details(22345678901), details(5));
    await start("retried");
    expect((await report()).body.outcome).toBe("advanced");
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "due", retriesUsed: 1, reason });
    expect((await report()).body).toEqual(unknown);
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "due", retriesUsed: 1 });
    fixture.later(3_600_000);
    await apply(relay, pipelineOf("retried"), { kind: "tick" });
    await apply(relay, pipelineOf("retried"), { kind: "tick" });
    expect((await steps("retried"))?.[0]).toMatchObject({
      state: "building",
      attempts: 2,
      build: { id: "5" },
    });
    expect((await report()).body).toEqual(unknown);
    expect((await report({ id: 5 })).body.outcome).toBe("advanced");
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "failed" });
  });

  test("that is reported three times at once uses up one retry", async () => {
    fixture.hub.answerNext(details(22345678901));
    await start("retried");
    const answers = await Promise.all([report(), report(), report()]);
    expect(answers.map(({ body }) => body.outcome).sort()).toEqual(["advanced", "ignored", "ignored"]);
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "due", retriesUsed: 1 });
  });

  test.each(["timed_out", "cancelled", "startup_failure", "stale"])(
    "can have the conclusion %s, too",
    async (conclusion) => {
      fixture.hub.answerNext(details(22345678901));
      await start("retried");
      expect((await report({ conclusion, html_url: "javascript:alert(1)" })).body.outcome).toBe("advanced");
      expect((await steps("retried"))?.[0]).toMatchObject({ reason: `GitHub Actions: ${conclusion}` });
    },
  );

  test("is found by its title if GitHub gave no build id", async () => {
    const run = await start("titled");
    for (const display_title of ["image", run, `${run}x s`, `${run} s-2`, `${run}/s`, `s x${run}`]) {
      expect((await report({ display_title })).body).toEqual(unknown);
    }
    const { body } = await report({ display_title: `Build of step s (run: ${run}).` });
    expect(body).toMatchObject({ outcome: "advanced", pipelines: [{ pipeline: "titled", step: "s", run }] });
    expect((await steps("titled"))?.[0]).toMatchObject({ state: "failed", reason });
  });

  test("is not found by its title if the step has another build id", async () => {
    fixture.hub.answerNext(details(1), details(2));
    const run = await start("once");
    expect((await report({ display_title: `${run} a` })).body).toEqual(unknown);
  });

  test("of another repository is ignored", async () => {
    fixture.hub.answerNext(details(22345678901));
    await start("retried");
    const repository = { full_name: "acme/other" };
    expect((await sendGithub(app, "workflow_run", { ...workflowRun, repository })).body).toEqual(unknown);
  });

  test("is ignored after its tag was pushed", async () => {
    fixture.hub.answerNext(details(22345678901));
    await start("retried");
    await push("acme/retried:a");
    expect((await report()).body).toEqual(unknown);
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "done" });
  });

  test("is ignored at once while no run is active", async () => {
    expect((await report()).body).toEqual(unknown);
    expect(slept).toEqual([]);
  });

  test("is found even if it is reported before its build id is saved", async () => {
    const gate = Promise.withResolvers<void>();
    beforeSending = gate.promise;
    fixture.hub.answerNext(details(22345678901));
    const started = start("retried");
    while ((await steps("retried"))?.[0]?.state !== "triggering") await setTimeout(5);
    whileAsleep = async () => {
      if (slept.length < 3) return;
      gate.resolve();
      await started;
    };
    expect((await report()).body.outcome).toBe("advanced");
    expect(slept).toEqual([1_000, 1_000, 1_000]);
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "due", retriesUsed: 1, reason });
  });

  test("is searched for five seconds at most if its build id does not come", async () => {
    const gate = Promise.withResolvers<void>();
    beforeSending = gate.promise;
    const started = start("retried");
    while ((await steps("retried"))?.[0]?.state !== "triggering") await setTimeout(5);
    expect((await report()).body).toEqual(unknown);
    expect(slept).toEqual(Array(5).fill(1_000));
    gate.resolve();
    await started;
  });

  test("is found even if GitHub sends neither its title nor its URL", async () => {
    fixture.hub.answerNext(details(22345678901));
    await start("retried");
    const change = { html_url: undefined, name: undefined, display_title: undefined };
    expect((await report(change)).body.outcome).toBe("advanced");
    expect((await steps("retried"))?.[0]).toMatchObject({ reason: "GitHub Actions: failure" });
  });
});

describe("a workflow run that succeeded", () => {
  test("ends a step that is done: built, and starts the next", async () => {
    fixture.hub.answerNext(details(22345678901));
    const run = await start("builtGithub");
    expect(await report({ conclusion: "success" })).toMatchObject({
      status: 200,
      body: { outcome: "advanced", pipelines: [{ pipeline: "builtGithub", step: "a", run }] },
    });
    expect(await steps("builtGithub")).toMatchObject([{ state: "done" }, { state: "building" }]);
  });

  test("of another build ends nothing", async () => {
    fixture.hub.answerNext(details(1));
    await start("builtGithub");
    expect((await report({ conclusion: "success" })).body.outcome).toBe("ignored");
    expect((await steps("builtGithub"))?.[0]).toMatchObject({ state: "building" });
  });
});

describe("a workflow run that has not failed", () => {
  test.each([
    ["success", "completed", "the step is done when its tag is pushed, not when its build ends"],
    ["neutral", "completed", "the workflow run did not fail"],
    ["skipped", "completed", "the workflow run did not fail"],
    ["action_required", "completed", "the workflow run did not fail"],
    [null, "completed", "the workflow run did not fail"],
    [null, "in_progress", "the workflow run has not completed"],
  ])("is ignored: %s, %s", async (conclusion, action, why) => {
    fixture.hub.answerNext(details(22345678901));
    await start("retried");
    expect((await report({ conclusion }, action)).body).toEqual({
      outcome: "ignored",
      reason: why,
      pipelines: [],
    });
    expect((await steps("retried"))?.[0]).toMatchObject({ state: "building" });
  });

  test("is answered with 400 if it cannot be read", async () => {
    expect(await report({ id: "x" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^expected action, repository.full_name and workflow_run.id/) },
    });
  });
});

describe("a GitLab pipeline", () => {
  async function reportGitlab(
    change: object = {},
    headers: Record<string, string> = {},
    project: object = {},
  ) {
    const response = await app.request("/hooks/gitlab", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-gitlab-event": "Pipeline Hook",
        "x-gitlab-token": webhookSecret,
        ...headers,
      },
      body: JSON.stringify({
        ...gitlabPipeline,
        object_attributes: { ...gitlabPipeline.object_attributes, ...change },
        project: { ...gitlabPipeline.project, ...project },
      }),
    });
    return { status: response.status, body: await readJson(response) };
  }

  test.each(["bypath", "bynumber"])("that failed fails the step that waits for it: %s", async (name) => {
    const run = await start(name);
    expect(await reportGitlab()).toMatchObject({
      status: 200,
      body: { outcome: "advanced", pipelines: [{ pipeline: name, step: "a", run, outcome: "advanced" }] },
    });
    expect((await steps(name))?.[0]).toMatchObject({
      state: "failed",
      reason: "GitLab: failed (https://gitlab.com/acme/web/-/pipelines/161)",
    });
  });

  test("that succeeded ends a step that is done: built", async () => {
    await start("builtGitlab");
    const project = { path_with_namespace: "acme/built" };
    expect((await reportGitlab({ status: "success" }, {}, project)).body.outcome).toBe("advanced");
    expect((await steps("builtGitlab"))?.[0]).toMatchObject({ state: "done" });
  });

  test("that was canceled has failed, and without a URL the reason has none", async () => {
    await start("bypath");
    expect((await reportGitlab({ status: "canceled", url: undefined })).body.outcome).toBe("advanced");
    expect((await steps("bypath"))?.[0]).toMatchObject({ reason: "GitLab: canceled" });
  });

  test.each([
    ["success", "the step is done when its tag is pushed, not when its build ends"],
    ["running", "the pipeline did not fail"],
    ["skipped", "the pipeline did not fail"],
  ])("with the status %s is ignored", async (status, why) => {
    await start("bypath");
    expect((await reportGitlab({ status })).body).toEqual({ outcome: "ignored", reason: why, pipelines: [] });
    expect((await steps("bypath"))?.[0]).toMatchObject({ state: "building" });
  });

  test("with another id or project is ignored", async () => {
    await start("bypath");
    expect((await reportGitlab({ id: 162 })).body).toEqual(unknown);
    const project = { id: 43, path_with_namespace: "acme/web-2" };
    expect((await reportGitlab({}, {}, project)).body).toEqual(unknown);
  });

  test.each(["", "wrong", `${webhookSecret}x`])("with the token %j is answered with 401", async (token) => {
    expect(await reportGitlab({}, { "x-gitlab-token": token })).toMatchObject({
      status: 401,
      body: {
        detail: "expected the header X-Gitlab-Token with the webhook secret, found one that does not match",
      },
    });
  });

  test("is answered with 400 if it cannot be read, 415 for another content type, and 200 for another event", async () => {
    expect(await reportGitlab({ id: "x" })).toMatchObject({ status: 400 });
    expect(await reportGitlab({}, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
    expect(await reportGitlab({}, { "x-gitlab-event": "Job Hook" })).toMatchObject({
      status: 200,
      body: { outcome: "ignored" },
    });
  });
});
