// The examples do what they say.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../shared/config/compile.ts";
import { sign } from "./stand-ins/github-webhook.ts";
import { loadWorkflowParser } from "./stand-ins/github-workflows.ts";
import { startInProcess } from "./stand-ins/in-process.ts";
import { apiToken, type Client, makeFolder, root, startProgram, until } from "./stand-ins/program.ts";
import { serve } from "./stand-ins/serve.ts";

const examples = join(root, "examples");
const textOf = (path: string) => readFileSync(join(examples, path), "utf8");

test("the examples are these", () => {
  const folders = readdirSync(examples).filter((name) => name !== "README.md");
  expect(folders).toEqual([
    "build-service",
    "cdk",
    "container",
    "github-actions",
    "monitoring",
    "one-server",
    "sequence",
    "systemd",
  ]);
});

test.concurrent.each(["sequence", "github-actions", "cdk"])(
  "the configuration in %s runs to its end",
  async (name) => {
    const folder = makeFolder();
    const config = join(folder.path, "tagrelay.yaml");
    writeFileSync(config, textOf(`${name}/tagrelay.yaml`).replace("delay: 100s", "delay: 1s"));
    const program = await startInProcess(["--data", folder.data, "--config", config]);
    await runToEnd(program);
    await program.stop();
    folder.remove();
  },
  60_000,
);

describe("the GitHub Actions workflow", () => {
  const workflow = textOf("github-actions/.github/workflows/image.yml");

  test("is valid for GitHub's own parser", async () => {
    expect((await loadWorkflowParser())(workflow)).toEqual([]);
  });

  test("takes the inputs that the configuration sends", () => {
    const [pipeline] = compileConfig(parse(textOf("github-actions/tagrelay.yaml"))).pipelines;
    const inputs = Object.keys(parse(workflow).on.workflow_dispatch.inputs).sort();
    for (const { trigger } of pipeline?.steps ?? []) {
      const sent = trigger.kind === "github" && "workflow" in trigger ? (trigger.inputs ?? {}) : {};
      expect(Object.keys(sent).sort()).toEqual(inputs);
    }
  });
});

test("the commands of one-server build and push each image in order", async () => {
  const folder = makeFolder();
  cpSync(join(examples, "one-server"), folder.path, { recursive: true });
  // In place of docker, which needs an engine: a program that checks its arguments' files and writes down its calls.
  const bin = join(folder.path, "bin");
  const calls = join(folder.path, "calls");
  mkdirSync(bin);
  const script = `#!/bin/sh\nset -e\nif [ "$1" = build ]; then for last; do :; done; test -f "$last/Dockerfile"; fi\necho "$@" >> ${calls}\n`;
  writeFileSync(join(bin, "docker"), script);
  chmodSync(join(bin, "docker"), 0o755);
  const program = await startProgram(
    ["--data", folder.data, "--live"],
    { PATH: `${bin}:${process.env.PATH}` },
    folder.path,
  );
  await runToEnd(program);
  // No registry tells the digest here, so the base has its tag.
  const pin = "--build-context acme/base:latest=docker-image://acme/base:latest ";
  const callsOf = (step: string) => [
    `build --pull ${step === "base" ? "" : pin}--tag acme/${step}:latest images/${step}`,
    `push acme/${step}:latest`,
  ];
  const called = readFileSync(calls, "utf8").trim().split("\n");
  expect(called.slice(0, 2)).toEqual(callsOf("base"));
  // The machine runs one command at a time; which of the two comes first is not defined.
  const stage = called.slice(2);
  expect([callsOf("api").concat(callsOf("web")), callsOf("web").concat(callsOf("api"))]).toContainEqual(
    stage,
  );
  await program.kill("SIGTERM");
  folder.remove();
}, 60_000);

test("build-service builds a Dockerfile in both forms of requests, and a push to the repository", async () => {
  const folder = makeFolder();
  const hosts = await Promise.all([serve(createServer()), serve(createServer())]);
  const [first = "", second = ""] = hosts.map(({ origin }) => origin.replace("http:", "tcp:"));
  const text = textOf("build-service/tagrelay.yaml");
  writeFileSync(
    join(folder.path, "tagrelay.yaml"),
    text.replaceAll("tcp://127.0.0.1:19000", first).replaceAll("tcp://127.0.0.1:19100", second),
  );
  // In place of docker, which needs an engine, and of git, which needs GitHub.
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  const calls = join(folder.path, "calls");
  const docker = `#!/bin/sh\nset -e\nfor last; do :; done\nif [ "$1" = build ]; then cat "$last/Dockerfile" >> ${calls}; fi\necho "$DOCKER_HOST $1 $last" >> ${calls}\n`;
  const git = '#!/bin/sh\nfor last; do :; done\nmkdir "$last"\necho "FROM pushed" > "$last/Dockerfile"\n';
  for (const [name, script] of Object.entries({ docker, git })) {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  const program = await startProgram(
    ["--data", folder.data, "--live"],
    { PATH: `${bin}:${process.env.PATH}` },
    folder.path,
  );
  const called = () => readFileSync(calls, "utf8").trim().split("\n");
  const isBuilt = async () => {
    const { builds } = (await program.api("GET", "/builds")).body;
    return builds.every(({ status }: { status: string }) => status === "succeeded");
  };

  await program.api("POST", "/builds", { image: "you/app:1", dockerfile: "FROM asked" });
  await until(isBuilt, "the build has succeeded");
  // The Dockerfile has no line break at its end.
  expect(called()).toEqual([
    expect.stringMatching(`^FROM asked${first} build /.*/contexts/[0-9a-f]{32}$`),
    `${first} push you/app:1`,
  ]);

  const query = new URLSearchParams({
    ...{ imagename: "you/example", dockerfile: Buffer.from("FROM old\n").toString("base64") },
  });
  await fetch(`${program.origin}/b1/build?${query}`, { headers: { authorization: `Bearer ${apiToken}` } });
  await until(isBuilt, "the build has succeeded");
  expect(called().at(-1)).toBe(`${first} push you/example:latest`);

  await postGithubPush(program.origin);
  const isRun = async () => (await program.api("GET", "/pipelines/site")).body.run?.status === "succeeded";
  await until(isRun, "the run has succeeded", 50_000);
  expect(called().slice(-3)).toEqual([
    "FROM pushed",
    expect.stringContaining(`${first} build checkout-site.`),
    `${first} push acme/site:latest`,
  ]);
  await program.kill("SIGTERM");
  await Promise.all(hosts.map(({ close }) => close()));
  folder.remove();
}, 60_000);

async function postGithubPush(origin: string): Promise<void> {
  const body = JSON.stringify({
    ...{ ref: "refs/heads/main", repository: { full_name: "acme/site" } },
    ...{ after: "a".repeat(40), commits: [{ modified: ["Dockerfile"] }] },
  });
  const response = await fetch(`${origin}/hooks/github`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", "x-github-event": "push" },
      "x-hub-signature-256": sign(body),
    },
    body,
  });
  expect(response.status).toBe(200);
}

async function runToEnd(program: Client): Promise<void> {
  const { body } = await program.api("GET", "/pipelines");
  const [{ name }] = body.pipelines;
  expect(await program.api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status: 201 });
  const isOver = async () =>
    (await program.api("GET", `/pipelines/${name}`)).body.run?.status === "succeeded";
  await until(isOver, "the run has succeeded", 50_000);
}
