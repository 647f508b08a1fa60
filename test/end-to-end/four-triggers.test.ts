// One pipeline with steps built by Docker Hub, GitHub Actions, GitLab CI, a custom API and a command. A real HTTP
// server stands in for the APIs and checks each request strictly.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { type InProcess, startInProcess } from "../stand-ins/in-process.ts";
import { type Folder, makeFolder, until } from "../stand-ins/program.ts";

const pipeline = {
  confirm: "hub",
  steps: {
    base: { image: "acme/base:1", trigger: { dockerhub: { secret: "HUB_URL" } } },
    api: {
      image: "acme/api:1",
      after: "base",
      trigger: {
        github: {
          repository: "acme/api",
          workflow: "image.yml",
          inputs: { tag: "{tag}" },
          secret: "GITHUB_TOKEN",
        },
      },
    },
    web: {
      image: "acme/web:1",
      after: "base",
      trigger: { gitlab: { project: "acme/web", variables: { IMAGE: "{image}" }, secret: "GITLAB_TOKEN" } },
    },
    docs: {
      image: "acme/docs:1",
      after: ["api", "web"],
      trigger: {
        http: {
          url: "https://ci.example.org/build/{step}",
          headers: { authorization: "Bearer {secret:CI_TOKEN}" },
          body: { image: "{image}", attempt: "{attempt}" },
        },
      },
    },
    all: { image: "acme/all:1", after: "docs", trigger: { command: { run: "exit 3" } } },
  },
};

const env = {
  HUB_URL: "https://hub.docker.com/api/build/v1/source/s/trigger/t/call/",
  GITHUB_TOKEN: "github-token",
  GITLAB_TOKEN: "gitlab-token",
  CI_TOKEN: "ci-token",
};

let program: InProcess | null = null;
let folder: Folder | null = null;
let close = () => {};
afterEach(async () => {
  await program?.stop();
  folder?.remove();
  close();
});

type TriggerRequest = { route: string; authorization: string; body: string };
type Answer = { image: string; status: number; body: unknown };

/** The build that an API starts for a request; null if it refuses the request. */
function answerOf({ route, authorization, body }: TriggerRequest): Answer | null {
  switch (route) {
    case "POST /api/build/v1/source/s/trigger/t/call/":
      return JSON.parse(body).docker_tag === "1" ? { image: "acme/base", status: 202, body: {} } : null;
    case "POST /repos/acme/api/actions/workflows/image.yml/dispatches": {
      const { ref, inputs, return_run_details } = JSON.parse(body);
      const isExpected = authorization === "Bearer github-token" && ref === "main" && inputs.tag === "1";
      if (!isExpected) return null;
      const html_url = "https://github.com/acme/api/actions/runs/7";
      const details = { workflow_run_id: 7, run_url: html_url, html_url };
      return { image: "acme/api", status: return_run_details === true ? 200 : 204, body: details };
    }
    case "POST /at/gitlab.com/api/v4/projects/acme%2Fweb/trigger/pipeline": {
      const form = new URLSearchParams(body);
      const isExpected =
        form.get("token") === "gitlab-token" && form.get("variables[IMAGE]") === "acme/web:1";
      const created = { id: 9, web_url: "https://gitlab.com/acme/web/-/pipelines/9" };
      return isExpected ? { image: "acme/web", status: 201, body: created } : null;
    }
    case "POST /at/ci.example.org/build/docs": {
      const isExpected = authorization === "Bearer ci-token" && JSON.parse(body).image === "acme/docs:1";
      return isExpected ? { image: "acme/docs", status: 202, body: {} } : null;
    }
    default:
      return null;
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function startBuilders(events: string[]) {
  const pushed = new Map<string, string>();
  const build = async (image: string) => {
    await sleep(100);
    pushed.set(image, new Date().toISOString());
    events.push(`${image} pushed`);
    await program?.hook(pushWebhook(image, "1"));
  };
  const server = createServer(async (request, response) => {
    const tag = /^\/v2\/namespaces\/acme\/repositories\/(\w+)\/tags\/1$/.exec(request.url ?? "");
    if (request.method === "GET" && tag !== null) {
      const pushedAt = pushed.get(`acme/${tag[1]}`);
      response.writeHead(pushedAt === undefined ? 404 : 200, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ tag_last_pushed: pushedAt }));
    }
    // What the images consist of is at Docker Hub's registry, which this is not.
    if (request.url?.startsWith("/token")) return void response.writeHead(404).end();
    const route = `${request.method} ${request.url}`;
    const { authorization = "" } = request.headers;
    const answer = answerOf({ route, authorization, body: await readAll(request) });
    events.push(`${answer?.image ?? route} triggered`);
    response.writeHead(answer?.status ?? 404, { "content-type": "application/json" });
    response.end(answer === null || answer.status === 204 ? "" : JSON.stringify(answer.body));
    if (answer !== null) void build(answer.image);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

test("each step is triggered once, in order, at its own builder, and the run succeeds", async () => {
  const events: string[] = [];
  const builders = await startBuilders(events);
  folder = makeFolder();
  const config = folder.config({ images: pipeline });
  program = await startInProcess(["--data", folder.data, "--config", config, "--hub-url", builders], env);
  const { body: run } = await program.api("POST", "/pipelines/images/runs");
  const isOver = async () => (await program?.api("GET", `/runs/${run.id}`))?.body.status !== "running";
  await until(isOver, "the run ends", 60_000);
  const { body: ended } = await program.api("GET", `/runs/${run.id}`);
  expect(ended.steps.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).toEqual([
    "base done",
    "api done",
    "web done",
    "docs done",
    // Without --live, the command itself does not run.
    "all done",
  ]);
  expect(ended.steps.map(({ build }: { build?: { id: string } }) => build?.id ?? null).slice(0, 4)).toEqual([
    null,
    "7",
    "9",
    null,
  ]);
  const before = (one: string, other: string) =>
    expect(events.indexOf(one)).toBeLessThan(events.indexOf(other));
  expect([...events].sort()).toEqual(
    ["base", "api", "web", "docs"]
      .flatMap((name) => [`acme/${name} triggered`, `acme/${name} pushed`])
      .sort(),
  );
  before("acme/base pushed", "acme/api triggered");
  before("acme/base pushed", "acme/web triggered");
  before("acme/api pushed", "acme/docs triggered");
  before("acme/web pushed", "acme/docs triggered");
}, 90_000);
