// One pipeline whose steps are built by Docker Hub, GitHub Actions, GitLab CI, somebody's own API and a command: the
// program as a process, and each API as a real HTTP server that is particular about what it is asked.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { type Folder, makeFolder, type Program, startProgram, until } from "../stand-ins/program.ts";

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

let program: Program | null = null;
let folder: Folder | null = null;
let close = () => {};
afterEach(async () => {
  await program?.kill("SIGKILL");
  folder?.remove();
  close();
});

type Asked = { route: string; authorization: string; body: string };
type Answer = { image: string; status: number; body: unknown };

/** What each API builds for a request, or nothing where it would refuse. */
function answerOf({ route, authorization, body }: Asked): Answer | null {
  switch (route) {
    case "POST /api/build/v1/source/s/trigger/t/call/":
      return JSON.parse(body).docker_tag === "1" ? { image: "acme/base", status: 202, body: {} } : null;
    case "POST /repos/acme/api/actions/workflows/image.yml/dispatches": {
      const { ref, inputs, return_run_details } = JSON.parse(body);
      const isAsked = authorization === "Bearer github-token" && ref === "main" && inputs.tag === "1";
      if (!isAsked) return null;
      const html_url = "https://github.com/acme/api/actions/runs/7";
      const details = { workflow_run_id: 7, run_url: html_url, html_url };
      return { image: "acme/api", status: return_run_details === true ? 200 : 204, body: details };
    }
    case "POST /at/gitlab.com/api/v4/projects/acme%2Fweb/trigger/pipeline": {
      const form = new URLSearchParams(body);
      const isAsked = form.get("token") === "gitlab-token" && form.get("variables[IMAGE]") === "acme/web:1";
      const created = { id: 9, web_url: "https://gitlab.com/acme/web/-/pipelines/9" };
      return isAsked ? { image: "acme/web", status: 201, body: created } : null;
    }
    case "POST /at/ci.example.org/build/docs": {
      const isAsked = authorization === "Bearer ci-token" && JSON.parse(body).image === "acme/docs:1";
      return isAsked ? { image: "acme/docs", status: 202, body: {} } : null;
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

async function startBuilders(told: string[]) {
  const pushed = new Map<string, string>();
  const build = async (image: string) => {
    await sleep(100);
    pushed.set(image, new Date().toISOString());
    told.push(`${image} pushed`);
    await program?.hook(pushWebhook(image, "1"));
  };
  const server = createServer(async (request, response) => {
    const tag = /^\/v2\/namespaces\/acme\/repositories\/(\w+)\/tags\/1$/.exec(request.url ?? "");
    if (request.method === "GET" && tag !== null) {
      const pushedAt = pushed.get(`acme/${tag[1]}`);
      response.writeHead(pushedAt === undefined ? 404 : 200, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ tag_last_pushed: pushedAt }));
    }
    const route = `${request.method} ${request.url}`;
    const { authorization = "" } = request.headers;
    const answer = answerOf({ route, authorization, body: await readAll(request) });
    told.push(`${answer?.image ?? route} asked for`);
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

test("each step is asked for where it is built, in order, once, and the run succeeds", async () => {
  const told: string[] = [];
  const builders = await startBuilders(told);
  folder = makeFolder();
  const config = folder.config({ images: pipeline });
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", builders], env);
  const { body: run } = await program.api("POST", "/pipelines/images/runs");
  const isOver = async () => (await program?.api("GET", `/runs/${run.id}`))?.body.status !== "running";
  await until(isOver, "the run ends", 60_000);
  const { body: ended } = await program.api("GET", `/runs/${run.id}`);
  expect(ended.steps.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).toEqual([
    "base done",
    "api done",
    "web done",
    "docs done",
    // Without --live it is not the command that is run.
    "all done",
  ]);
  expect(ended.steps.map(({ build }: { build?: { id: string } }) => build?.id ?? null).slice(0, 4)).toEqual([
    null,
    "7",
    "9",
    null,
  ]);
  const before = (one: string, other: string) => expect(told.indexOf(one)).toBeLessThan(told.indexOf(other));
  expect([...told].sort()).toEqual(
    ["base", "api", "web", "docs"]
      .flatMap((name) => [`acme/${name} asked for`, `acme/${name} pushed`])
      .sort(),
  );
  before("acme/base pushed", "acme/api asked for");
  before("acme/base pushed", "acme/web asked for");
  before("acme/api pushed", "acme/docs asked for");
  before("acme/web pushed", "acme/docs asked for");
}, 90_000);
