// The examples do what they say.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../shared/config/compile.ts";
import { loadWorkflowParser } from "./stand-ins/github-workflows.ts";
import { startInProcess } from "./stand-ins/in-process.ts";
import { type Client, makeFolder, root, startProgram, until } from "./stand-ins/program.ts";

const examples = join(root, "examples");
const textOf = (path: string) => readFileSync(join(examples, path), "utf8");

test("the examples are these", () => {
  const folders = readdirSync(examples).filter((name) => name !== "README.md");
  expect(folders).toEqual([
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

async function runToEnd(program: Client): Promise<void> {
  const { body } = await program.api("GET", "/pipelines");
  const [{ name }] = body.pipelines;
  expect(await program.api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status: 201 });
  const isOver = async () =>
    (await program.api("GET", `/pipelines/${name}`)).body.run?.status === "succeeded";
  await until(isOver, "the run has succeeded", 50_000);
}
