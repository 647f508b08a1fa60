// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of workflows and shells.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { gitlabScript } from "../../../../functions/cli/import/trigger/gitlab-trigger.ts";
import { buildScript } from "../../../../shared/builders/codebuild/build-script.ts";
import { fillInLine } from "../../../../shared/builders/command/command-line.ts";
import { createMachine } from "../../../stand-ins/codebuild-machine.ts";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type CheckWorkflow, loadWorkflowParser } from "../../../stand-ins/github-workflows.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";

const files = {
  "base/Dockerfile": "FROM debian\n",
  "web/Dockerfile": "ARG BASE=acme/base:1\nFROM ${BASE} AS slim\nFROM slim AS full\n",
  "tools/Dockerfile": "FROM acme/base:latest\n",
  "docker-bake.hcl": `
target "base" {
  context = "base"
  tags = ["acme/base:latest"]
  platforms = ["linux/amd64", "linux/arm64"]
}
target "web" {
  context = "web"
  target = "slim"
  args = { BASE = "acme/base:old", GREETING = "it's a \\"test\\"" }
  contexts = { assets = "./assets", base = "target:base" }
  tags = ["ghcr.io/acme/web:1"]
}
target "tools" {
  context = "tools"
  tags = ["acme/tools:latest"]
}
`,
};

let folder: Folder;
let check: CheckWorkflow;
beforeAll(async () => {
  check = await loadWorkflowParser();
});
beforeEach(() => {
  folder = makeFolder();
  write(files);
});
afterEach(() => folder.remove());

function write(texts: Record<string, string>): void {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
}

const run = (...args: string[]) => tagrelay(["import", ...args, "."], { cwd: folder.path });

async function stepsOf(...args: string[]) {
  const { code, stdout, stderr } = await run(...args);
  const document = parse(stdout);
  return { code, stderr, steps: document.pipelines[Object.keys(document.pipelines)[0] ?? ""].steps };
}

/** Runs a script in a real shell with a docker that writes its arguments, each on a line. */
function argumentsOf(script: string, env: Record<string, string>): string[] {
  const docker = join(folder.path, "bin/docker");
  write({ "bin/docker": '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n' });
  chmodSync(docker, 0o755);
  const PATH = `${dirname(docker)}:${process.env.PATH}`;
  return execFileSync("sh", ["-e", "-c", script], { env: { ...env, PATH }, encoding: "utf8" })
    .trim()
    .split("\n");
}

const pins = "acme/base:latest=docker-image://acme/base@sha256:1\nacme/x:1=docker-image://acme/x@sha256:2";

describe("--trigger command", () => {
  test("gives each step a command that a shell reads as the build that is described", async () => {
    const { code, steps } = await stepsOf("--trigger", "command");
    expect(code).toBe(0);
    const words = (step: string) => {
      const { run: line, environment = {} } = steps[step].trigger.command;
      const filled = fillInLine(line, new Map([["image", steps[step].image]])) ?? "";
      return argumentsOf(filled, environment.PINS === undefined ? {} : { PINS: pins });
    };
    expect(words("base")).toEqual([
      ...["buildx", "build", "--pull", "--push", "--tag", "acme/base:latest", "--file", "base/Dockerfile"],
      ...["--platform", "linux/amd64,linux/arm64", "base"],
    ]);
    expect(words("web")).toEqual([
      ...["buildx", "build", "--pull", "--push", "--tag", "ghcr.io/acme/web:1", "--file", "web/Dockerfile"],
      ...["--target", "slim", "--build-arg", "BASE=acme/base:old", "--build-arg", 'GREETING=it\'s a "test"'],
      ...["--build-context", "assets=assets", "--build-context", "base=docker-image://acme/base:latest"],
      // The FROM line has a tag that nobody builds.
      ...["--build-context", "acme/base:old=docker-image://acme/base:latest"],
      ...pins.split("\n").flatMap((pin) => ["--build-context", pin]),
      "web",
    ]);
  });

  test("builds with bake what has a part that is pushed nowhere", async () => {
    write({ "docker-bake.hcl": `${files["docker-bake.hcl"].replace('tags = ["acme/base:latest"]', "")}` });
    const { steps } = await run("--trigger", "command").then(({ stdout }) => ({
      steps: parse(stdout).pipelines.web,
    }));
    expect(steps.trigger.command.run).toBe(
      "docker buildx bake --file docker-bake.hcl --pull --push --set web.tags={image} web",
    );
  });

  test("runs in the folder that was imported", async () => {
    const { stdout } = await tagrelay(["import", "--trigger", "command", "base"], { cwd: folder.path });
    expect(stdout).toContain("directory: base");
  });

  test("leaves to decide what it cannot hand over", async () => {
    write({
      "docker-bake.hcl": 'target "a" {\n tags = ["acme/a:1"]\n dockerfile-inline = "FROM scratch"\n}',
    });
    const { code, stderr } = await run("--trigger", "command");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "to decide: acme/a:1 has no command trigger: its Dockerfile is part of another file",
    );
  });
});

describe("--trigger github", () => {
  test("gives each step its inputs, and writes a workflow that GitHub's own parser accepts", async () => {
    const { code, steps, stderr } = await stepsOf("--trigger", "github", "--repository", "acme/images");
    expect(code).toBe(0);
    expect(steps.web.trigger.github).toEqual({
      repository: "acme/images",
      workflow: "image.yml",
      secret: "GITHUB_TOKEN",
      inputs: {
        image: "{image}",
        context: "web",
        file: "web/Dockerfile",
        target: "slim",
        "build-args": 'BASE=acme/base:old\nGREETING=it\'s a "test"',
        "build-contexts":
          "assets=assets\nbase=docker-image://acme/base:latest\nacme/base:old=docker-image://acme/base:latest",
        run: "{run}",
        step: "{step}",
        pins: "{pins}",
      },
    });
    expect(steps.base.trigger.github.inputs.platforms).toBe("linux/amd64,linux/arm64");
    expect(stderr).toContain("wrote .github/workflows/image.yml");
    const workflow = readFileSync(join(folder.path, ".github/workflows/image.yml"), "utf8");
    expect(check(workflow)).toEqual([]);
    const { inputs } = parse(workflow).on.workflow_dispatch;
    const used = Object.values<{ trigger: { github: { inputs: object } } }>(steps).flatMap(({ trigger }) =>
      Object.keys(trigger.github.inputs),
    );
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(used));
    expect(parse(workflow).jobs.build["runs-on"]).toBe("${{ matrix.build.runner }}");
    const again = await run("--trigger", "github", "--repository", "acme/images");
    expect(again.stderr).toContain(".github/workflows/image.yml is as it should be");
  });

  test("takes the repository of the checkout, or a placeholder that is left to decide", async () => {
    const open = await run("--trigger", "github");
    expect(open.code).toBe(1);
    expect(open.stderr).toContain(
      "to decide: the repository your-namespace/your-repository is a placeholder",
    );
    write({ ".git/config": '[remote "origin"]\n\turl = git@github.com:acme/family.git\n' });
    const { code, steps } = await stepsOf("--trigger", "github");
    expect({ code, repository: steps.base.trigger.github.repository }).toEqual({
      code: 0,
      repository: "acme/family",
    });
  });

  test("never writes over another file", async () => {
    write({ ".github/workflows/image.yml": "name: mine\n" });
    const { code, stderr } = await run("--trigger", "github", "--repository", "a/b");
    expect(code).toBe(1);
    expect(stderr).toContain("name another file with --workflow FILE");
    expect(readFileSync(join(folder.path, ".github/workflows/image.yml"), "utf8")).toBe("name: mine\n");
    const { stdout } = await run("--trigger", "github", "--repository", "a/b", "--workflow", "out/build.yml");
    expect(existsSync(join(folder.path, "out/build.yml"))).toBe(true);
    expect(stdout).toContain("workflow: build.yml");
  });
});

describe("--trigger gitlab", () => {
  test("gives each step its variables, from which the job makes the same command", async () => {
    const { code, steps } = await stepsOf("--trigger", "gitlab", "--repository", "acme/group/images");
    expect(code).toBe(0);
    const { project, variables } = steps.web.trigger.gitlab;
    expect(project).toBe("acme/group/images");
    const words = argumentsOf(gitlabScript, { ...variables, IMAGE: "ghcr.io/acme/web:1", PINS: pins });
    expect(words).toEqual([
      ...["buildx", "build", "--pull", "--push", "--tag", "ghcr.io/acme/web:1", "--file", "web/Dockerfile"],
      ...["--target", "slim", "--build-arg", "BASE=acme/base:old", "--build-arg", 'GREETING=it\'s a "test"'],
      ...["--build-context", "assets=assets", "--build-context", "base=docker-image://acme/base:latest"],
      ...["--build-context", "acme/base:old=docker-image://acme/base:latest"],
      ...pins.split("\n").flatMap((pin) => ["--build-context", pin]),
      "web",
    ]);
    const pipeline = parse(readFileSync(join(folder.path, ".gitlab-ci.yml"), "utf8"));
    expect(pipeline.image.script).toContain(gitlabScript);
  });
});

describe("--trigger codebuild", () => {
  const args = ["--trigger", "codebuild", "--repository", "acme/images"];

  test("gives each step its variables, from which the project makes the same build, and the projects", async () => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(0);
    const { codebuild, pipelines } = parse(stdout);
    const logins = {
      "docker.io": { username: "acme", secret: "DOCKERHUB_TOKEN" },
      "ghcr.io": { username: "acme", secret: "GHCR_TOKEN" },
    };
    expect(codebuild).toEqual({ "acme-images": { source: { github: "acme/images" }, logins } });
    expect(stderr).toContain("a private one needs a connection");
    const { steps } = pipelines[Object.keys(pipelines)[0] ?? ""];
    const { project, variables } = steps.web.trigger.codebuild;
    expect(project).toBe("acme-images");
    expect(steps.base.trigger.codebuild.variables.PLATFORMS).toBe("linux/amd64,linux/arm64");
    const machine = createMachine(makeBin());
    const TAGRELAY_IMAGE = "ghcr.io/acme/web:1";
    expect(await machine.run({ ...variables, TAGRELAY_IMAGE, TAGRELAY_PINS: pins })).toMatchObject({
      code: 0,
    });
    const [build = []] = machine.callsOf("docker", "buildx", "build");
    expect(build.slice(4, -5)).toEqual([
      ...["--platform", "linux/amd64", "--file", "web/Dockerfile", "--provenance", "mode=max"],
      ...["--target", "slim", "--build-arg", "BASE=acme/base:old", "--build-arg", 'GREETING=it\'s a "test"'],
      ...["--build-context", "assets=assets", "--build-context", "base=docker-image://acme/base:latest"],
      ...["--build-context", "acme/base:old=docker-image://acme/base:latest"],
      ...pins.split("\n").flatMap((pin) => ["--build-context", pin]),
    ]);
    expect(build.at(-1)).toBe("web");
    expect(existsSync(join(folder.path, "buildspec.yml"))).toBe(false);
  });

  test("writes the buildspec where --workflow says, and the project uses it", async () => {
    const { stdout, stderr } = await run(...args, "--workflow", "ci/buildspec.yml");
    expect(stderr).toContain("wrote ci/buildspec.yml");
    expect(parse(stdout).codebuild["acme-images"].buildspec).toBe("ci/buildspec.yml");
    const { phases } = parse(readFileSync(join(folder.path, "ci/buildspec.yml"), "utf8"));
    expect(phases.build.commands[0]).toContain(buildScript);
  });

  test("makes a project for the platforms that are built, and leaves to decide what has no machine", async () => {
    const text = (platform: string) => `target "a" {\n tags = ["acme/a:1"]\n platforms = ["${platform}"]\n}`;
    const runInOne = () => tagrelay(["import", ...args, "one"], { cwd: folder.path });
    write({ "one/docker-bake.hcl": text("linux/arm64/v8"), "one/Dockerfile": "FROM debian\n" });
    const { stdout } = await runInOne();
    expect(parse(stdout).codebuild["acme-images"].platforms).toEqual(["linux/arm64"]);
    write({ "one/docker-bake.hcl": text("linux/s390x") });
    const { code, stderr } = await runInOne();
    expect(code).toBe(1);
    expect(stderr).toContain("CodeBuild has no machines for linux/s390x, only for amd64 and arm64");
  });
});

/** A folder for stand-ins. */
function makeBin(): string {
  const bin = join(folder.path, "machine");
  mkdirSync(bin);
  return bin;
}

describe("IMAGES.json with --trigger command", () => {
  test("gives commands for packer and docker, with the arguments and the working directories", async () => {
    write({
      "docker-bake.hcl": "",
      ".docker/IMAGES.json": JSON.stringify({
        images: [
          {
            file: "debian.json",
            name: "base",
            version: "12",
            builder_type: "packer",
            working_dir: "../",
            extra_args: "-var 'tag={img_parts[tag]}'",
          },
          {
            tag: "corpusops/matrix:v0.25.1",
            builder_type: "docker",
            extra_args: "--build-arg BV_SYN={img_parts[tag]} --target final",
          },
          {
            tag: "corpusops/app",
            version: "2",
            file: "Dockerfile.app",
            working_dir: "../web",
            builder_type: "dockerfile",
          },
        ],
      }),
      ".docker/packer/debian.json": "{}",
      ".docker/dockerfile/Dockerfile.app": "FROM corpusops/matrix:v0.25.1\n",
      Dockerfile: "FROM debian AS final\n",
    });
    const { stdout } = await tagrelay(["import", "--trigger", "command", ".docker/IMAGES.json"], {
      cwd: folder.path,
    });
    const { steps } = parse(stdout).pipelines.base;
    const runs = Object.values<{ image: string; trigger: { command: { run: string } } }>(steps);
    expect(
      runs.map(({ image, trigger }) => [image, trigger.command.run.replace(/ \$\(printf.*'\)/, "")]),
    ).toEqual([
      ["corpusops/base:12", "packer build -var 'tag=12' .docker/packer/debian.json"],
      [
        "corpusops/matrix:v0.25.1",
        "docker buildx build --pull --push --tag {image} --file Dockerfile --target final --build-arg BV_SYN=v0.25.1 .",
      ],
      [
        "corpusops/app:2",
        "docker buildx build --pull --push --tag {image} --file .docker/dockerfile/Dockerfile.app web",
      ],
    ]);
  });
});
