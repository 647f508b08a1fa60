// The examples do what they say.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../shared/config/compile.ts";
import { spawnTagrelay, tagrelay } from "./stand-ins/command-line.ts";
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
    "codebuild",
    "container",
    "crontab",
    "github-actions",
    "images-json",
    "monitoring",
    "one-server",
    "sequence",
    "services",
    "systemd",
  ]);
});

test.concurrent.each(["sequence", "github-actions", "cdk", "crontab", "codebuild"])(
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
  const called = await callsOfExample("one-server", {
    docker: 'if [ "$1" = build ]; then for last; do :; done; test -f "$last/Dockerfile"; fi; echo "$@"',
  });
  // No registry tells the digest here, so the base has its tag.
  const pin = "--build-context acme/base:latest=docker-image://acme/base:latest ";
  const callsOf = (step: string) => [
    `build --pull ${step === "base" ? "" : pin}--tag acme/${step}:latest images/${step}`,
    `push acme/${step}:latest`,
  ];
  expect(called.slice(0, 2)).toEqual(callsOf("base"));
  // The machine runs one command at a time; which of the two comes first is not defined.
  const stage = called.slice(2);
  expect([callsOf("api").concat(callsOf("web")), callsOf("web").concat(callsOf("api"))]).toContainEqual(
    stage,
  );
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
    imagename: "you/example",
    dockerfile: Buffer.from("FROM old\n").toString("base64"),
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
    ref: "refs/heads/main",
    repository: { full_name: "acme/site" },
    after: "a".repeat(40),
    commits: [{ modified: ["Dockerfile"] }],
  });
  const response = await fetch(`${origin}/hooks/github`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-hub-signature-256": sign(body),
    },
    body,
  });
  expect(response.status).toBe(200);
}

test("the script of services builds each from its modules, after its base", async () => {
  const called = await callsOfExample("services", {
    docker: 'if [ "$1" = build ]; then for last; do :; done; test -f "$last/Dockerfile"; fi; echo "$@"',
  });
  const ofService = (base: string, modules: string, image: string) => [
    `build --build-arg BASE=${base} --build-arg MODULES=${modules} --tag ${image} .`,
    `push ${image}`,
  ];
  const [base, build] = ["acme/ubuntu-python:24.04", "acme/moodle-build:latest"];
  const wanted = [
    [`build --pull --tag ${base} ubuntu-python`, `push ${base}`],
    ofService(base, "moodle-componentmgr admin nvm", build),
    ofService(build, "web", "acme/moodle-web:latest"),
    ofService(base, "gocd-agent admin", "acme/gocd-agent:latest"),
  ];
  expect(called.toSorted()).toEqual(wanted.flat().toSorted());
  const [first, second, third] = wanted.flatMap(([one = ""]) => called.indexOf(one));
  expect(first).toBe(0);
  expect(second).toBeLessThan(third ?? 0);
}, 60_000);

test("a module that services does not have fails its build, by name", () => {
  const result = spawnSync("sh", [join(examples, "services/service/build"), "-c", "acme/x:1", "-m", "nmv"]);
  expect([result.status, String(result.stderr)]).toEqual([
    1,
    "expected a module in service/modules, found nmv\n",
  ]);
});

test("the images of IMAGES.json are what import makes of it, and are built in order", async () => {
  const { code, stdout } = await spawnTagrelay(["import", "--trigger", "command", "."], {
    cwd: join(examples, "images-json"),
  }).ended;
  expect(code).toBe(0);
  const { schedule: _, ...pipeline } = parse(textOf("images-json/tagrelay.yaml")).pipelines["images-json"];
  expect(parse(stdout).pipelines["images-json"]).toEqual(pipeline);
  const called = await callsOfExample("images-json", {
    docker: 'shift 6; test -f "$2"; echo "docker $1 $2 $3 $4"',
    packer: 'test -f "$2"; echo "packer $@"',
  });
  expect(called).toEqual([
    "packer build .docker/packer/24.04.json",
    "docker --file .docker/dockerfile/Dockerfile.elasticsearch --build-arg ES_VERSION=8.17.0",
    "docker --file .docker/dockerfile/Dockerfile.kibana --build-context acme/elasticsearch:8.17.0=docker-image://acme/elasticsearch:8.17.0",
  ]);
}, 60_000);

test("the crontab becomes the pipelines beside it, but for the wait and the tag of its dependencies", async () => {
  const { stdout } = await tagrelay(["import", join(examples, "crontab/crontab")]);
  const imported = parse(stdout).pipelines;
  const { dpi, ...others } = parse(textOf("crontab/tagrelay.yaml")).pipelines;
  const { waitFor, ...rest } = dpi;
  expect(imported.dpi).toEqual(rest);
  const { trigger, ...deps } = others[waitFor];
  const all = { dockerhub: { ...trigger.dockerhub, all: true } };
  expect(imported[waitFor]).toEqual({ ...deps, trigger: all });
});

/**
 * Runs an example to its end, and returns what its tools were called with. In place of docker, which needs an engine, are
 * programs that check the files in their arguments.
 */
async function callsOfExample(name: string, tools: Record<string, string>): Promise<string[]> {
  const folder = makeFolder();
  cpSync(join(examples, name), folder.path, { recursive: true });
  const bin = join(folder.path, "bin");
  const calls = join(folder.path, "calls");
  mkdirSync(bin);
  for (const [tool, script] of Object.entries(tools)) {
    writeFileSync(join(bin, tool), `#!/bin/sh\nset -e\n{ ${script}; } >> ${calls}\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  const nowhere = "http://127.0.0.1:1";
  const program = await startProgram(
    ["--data", folder.data, "--live", "--hub-url", nowhere, "--registry-url", nowhere],
    { PATH: `${bin}:${process.env.PATH}` },
    folder.path,
  );
  await runToEnd(program);
  await program.kill("SIGTERM");
  const called = readFileSync(calls, "utf8").trim().split("\n");
  folder.remove();
  return called;
}

async function runToEnd(program: Client): Promise<void> {
  const { body } = await program.api("GET", "/pipelines");
  for (const { name } of body.pipelines) {
    expect(await program.api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status: 201 });
    const isOver = async () =>
      (await program.api("GET", `/pipelines/${name}`)).body.run?.status === "succeeded";
    await until(isOver, "the run has succeeded", 50_000);
  }
}
