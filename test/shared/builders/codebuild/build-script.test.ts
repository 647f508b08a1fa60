import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { buildScript } from "../../../../shared/builders/codebuild/build-script.ts";
import { buildspec } from "../../../../shared/builders/codebuild/buildspec.ts";
import { createMachine } from "../../../stand-ins/codebuild-machine.ts";
import { type Folder, makeFolder, until } from "../../../stand-ins/program.ts";

let folder: Folder;
let machine: ReturnType<typeof createMachine>;
beforeEach(() => {
  folder = makeFolder();
  machine = createMachine(folder.path);
});
afterEach(() => folder.remove());

const ecr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const helper = { TAGRELAY_HELPER: "images-arm64", TAGRELAY_HELPER_PLATFORM: "linux/arm64" };
const both = { ...helper, PLATFORMS: "linux/amd64,linux/arm64" };
const image = "ghcr.io/acme/api:1";
const pins =
  "acme/base:1=docker-image://acme/base@sha256:1\nghcr.io/acme/x:1=docker-image://ghcr.io/acme/x@sha256:2";

test("both platforms are built by digest, with the same bases and arguments, and all tags are pointed to one index", async () => {
  const { code } = await machine.run({
    ...both,
    TAGRELAY_IMAGE: image,
    TAGRELAY_TAGS: `${image},ghcr.io/acme/api:latest`,
    TAGRELAY_PINS: pins,
    TAGS: "stable",
    CONTEXT: "api",
    TARGET: "final",
    BUILD_ARGS: 'A=it\'s "one"\nB=$(two)',
    BUILD_CONTEXTS: "assets=./assets",
    CODEBUILD_RESOLVED_SOURCE_VERSION: "0123abc",
  });
  expect({ code, errors: machine.errors() }).toEqual({ code: 0, errors: "" });
  const built = (platform: string) => [
    ...["docker", "buildx", "build", "--pull", "--platform", platform, "--file", "api/Dockerfile"],
    ...["--provenance", "mode=max", "--target", "final"],
    ...["--build-arg", 'A=it\'s "one"', "--build-arg", "B=$(two)", "--build-context", "assets=./assets"],
    ...pins.split("\n").flatMap((pin) => ["--build-context", pin]),
    ...["--output", "type=image,name=ghcr.io/acme/api,push-by-digest=true,name-canonical=true,push=true"],
    ...["--metadata-file", expect.any(String), "api"],
  ];
  const builds = machine.callsOf("docker", "buildx", "build");
  expect(builds).toHaveLength(2);
  expect(builds).toEqual(expect.arrayContaining([built("linux/amd64"), built("linux/arm64")]));
  expect(machine.callsOf("docker", "buildx", "imagetools")).toEqual([
    [
      ...["docker", "buildx", "imagetools", "create", "--tag", image, "--tag", "ghcr.io/acme/api:latest"],
      ...["--tag", "ghcr.io/acme/api:stable"],
      ...["ghcr.io/acme/api@sha256:x86_64", "ghcr.io/acme/api@sha256:aarch64"],
    ],
  ]);
  const [start = []] = machine.callsOf("aws", "codebuild", "start-build");
  expect(start.slice(3, 5)).toEqual(["--project-name", "images-arm64"]);
  expect(start).toEqual(expect.arrayContaining(["--source-version", "0123abc"]));
});

test("an image of this machine's platform alone needs no helper", async () => {
  expect(await machine.run({ ...both, TAGRELAY_IMAGE: image, PLATFORMS: "linux/amd64" })).toMatchObject({
    code: 0,
  });
  expect(machine.callsOf("aws")).toEqual([]);
  expect(machine.callsOf("docker", "buildx", "imagetools").flat().slice(4)).toEqual([
    ...["--tag", image],
    "ghcr.io/acme/api@sha256:x86_64",
  ]);
});

test("an image of the other platform alone is built by the helper alone", async () => {
  expect(await machine.run({ ...both, TAGRELAY_IMAGE: image, PLATFORMS: "linux/arm64" })).toMatchObject({
    code: 0,
  });
  expect(machine.callsOf("docker", "buildx", "build")).toHaveLength(1);
  expect(machine.callsOf("docker", "buildx", "imagetools").flat().at(-1)).toBe(
    "ghcr.io/acme/api@sha256:aarch64",
  );
});

test("it logs in to ECR by its role, and elsewhere by a password that no argument has", async () => {
  await machine.run({
    TAGRELAY_IMAGE: image,
    TAGRELAY_PASSWORD_1: "pa ss",
    TAGRELAY_PASSWORD_2: "word",
    TAGRELAY_LOGINS: `${ecr}\ndocker.io acme TAGRELAY_PASSWORD_1\nghcr.io bot TAGRELAY_PASSWORD_2`,
  });
  expect(machine.callsOf("aws")).toEqual([["aws", "ecr", "get-login-password", "--region", "eu-west-1"]]);
  expect(machine.callsOf("docker", "login")).toEqual([
    ["docker", "login", "--username", "AWS", "--password-stdin", ecr],
    ["docker", "login", "--username", "acme", "--password-stdin"],
    ["docker", "login", "--username", "bot", "--password-stdin", "ghcr.io"],
  ]);
  expect(machine.callsOf("password").map(([, password]) => password)).toEqual(["token", "pa ss", "word"]);
});

test("a failure of the helper fails the build, with a link to the log, and no tag moves", async () => {
  const { code, stderr } = await machine.run({ ...both, TAGRELAY_IMAGE: image, FAILS_ON: "aarch64" });
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    "tagrelay: images-arm64:1, which builds linux/arm64, ended with FAILED: https://log.example.org",
  );
  expect(machine.callsOf("docker", "buildx", "imagetools")).toEqual([]);
});

test("a failure here stops the helper, and no tag moves", async () => {
  const { code } = await machine.run({
    ...both,
    TAGRELAY_IMAGE: image,
    FAILS_ON: "x86_64",
    HANGS_ON: "aarch64",
  });
  expect(code).not.toBe(0);
  expect(machine.callsOf("aws", "codebuild", "stop-build").flat().at(-1)).toBe("images-arm64:1");
  expect(machine.callsOf("docker", "buildx", "imagetools")).toEqual([]);
  await until(() => machine.statusOf("images-arm64:1") === "FAILED", "the helper ends");
});

test("a helper ends when the build that has started it was stopped", async () => {
  const started = machine.start({
    TAGRELAY_IMAGE: image,
    MACHINE: "aarch64",
    HANGS_ON: "aarch64",
    TAGRELAY_STARTED_BY: "images:1",
    CODEBUILD_BUILD_ID: "images-arm64:1",
  });
  const ended = new Promise((resolve) => started.on("exit", (_code, signal) => resolve(signal)));
  await until(() => machine.callsOf("docker", "buildx", "build").length === 1, "it builds");
  machine.end("images:1", "STOPPED");
  expect(await ended).toBe("SIGTERM");
  if (started.pid !== undefined) process.kill(-started.pid, "SIGKILL");
});

test("a platform without a machine is refused before anything is built", async () => {
  const { code, stderr } = await machine.run({
    ...both,
    TAGRELAY_IMAGE: image,
    PLATFORMS: "linux/amd64,linux/arm/v7",
  });
  expect(code).toBe(1);
  expect(stderr).toBe(
    "tagrelay: expected PLATFORMS that this project builds (linux/amd64 and linux/arm64), found linux/arm/v7\n",
  );
  expect(machine.callsOf("docker")).toEqual([]);
});

test("the commands of the buildspec leave the whole script, for a plain sh", () => {
  const { env, phases } = parse(buildspec());
  expect(env["exported-variables"]).toEqual(["DIGEST"]);
  const [write, run, share] = phases.build.commands;
  const [, file = ""] = /^cat > (\S+)/.exec(write) ?? [];
  const here = join(folder.path, "here.sh");
  const text = execFileSync("sh", ["-c", `${write.replaceAll(file, here)}cat ${here}`], { encoding: "utf8" });
  expect(text).toBe(buildScript);
  execFileSync("bash", ["-n", here]);
  expect(run).toContain(`bash ${file}`);
  execFileSync("sh", ["-n", "-c", share]);
});
