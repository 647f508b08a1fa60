// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of workflows.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../../../shared/config/read-config.ts";
import { type Image, imageName } from "../../../../shared/image/image.ts";
import { type AnyServer, startAnyServer } from "../../../stand-ins/any-server.ts";
import { tagrelay, tagrelayFile } from "../../../stand-ins/command-line.ts";
import { type CheckWorkflow, loadWorkflowParser } from "../../../stand-ins/github-workflows.ts";
import { type ImageRegistry, startImageRegistry } from "../../../stand-ins/image-registry.ts";
import type { ImageOptions } from "../../../stand-ins/images.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";
import { openTerminal } from "../../../stand-ins/terminal.ts";
import {
  acme,
  acmeFiles,
  initech,
  type Repository,
  ruleAnswers,
  ruleUri,
  sourceAnswer,
  toHar,
  toJson,
  umbrella,
  umbrellaFiles,
} from "./accounts.ts";

let folder: Folder;
/** Has the folder php with two branches, which each test gets a copy of. */
let branches: Folder;
let registry: ImageRegistry;
let hub: AnyServer;
let check: CheckWorkflow;

beforeAll(async () => {
  branches = makeFolder();
  makeBranches();
  check = await loadWorkflowParser();
  [registry, hub] = await Promise.all([startImageRegistry(), startAnyServer()]);
  const { answer } = registry;
  registry.answer = (response) =>
    registry.asked.at(-1)?.path.startsWith("/token") === true
      ? void response.end('{"token":"x"}')
      : answer(response);
  registry.images.push("acme/base:latest", {
    "linux/amd64": ["debian", "base"],
    "linux/arm64/v8": ["debian", "base"],
  });
  registry.images.push("acme/api:main", {
    "linux/amd64": ["debian", "base", "api"],
    "linux/s390x": ["debian"],
  });
  registry.images.push("acme/web:latest", { "linux/amd64": ["debian", "base"], "linux/arm64": ["debian"] });
  registry.images.push("umbrella/app:latest", ["debian", "app"]);
  hub.answer = (response) => {
    const [status, json] = answerOfHub(initech);
    response.writeHead(status).end(JSON.stringify(json));
  };
});
afterAll(() => Promise.all([registry.close(), hub.close(), branches.remove()]));
function setUp(): void {
  folder = makeFolder();
  write("acme.json", toJson(acme));
  write("umbrella.har", toHar(umbrella));
  for (const [path, text] of Object.entries(acmeFiles)) write(`images/${path}`, text);
  for (const [path, text] of Object.entries(umbrellaFiles)) write(`app/${path}`, text);
  cpSync(join(branches.path, "php"), join(folder.path, "php"), { recursive: true });
}

function write(path: string, text: string, into = folder): void {
  const file = join(into.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const gitIn = ({ path }: Folder, ...args: string[]) =>
  execFileSync("git", [
    ...["-C", join(path, "php"), "-c", "user.name=a", "-c", "user.email=a@example.org"],
    ...args,
  ]).toString();
const git = (...args: string[]) => gitIn(folder, ...args);

/** Two branches with other bases, of which one is checked out. */
function makeBranches(): void {
  write("php/Dockerfile", "FROM debian:bookworm\n", branches);
  gitIn(branches, "init", "--quiet", "--initial-branch", "8.3");
  gitIn(branches, "remote", "add", "origin", "https://github.com/initech/php.git");
  gitIn(branches, "add", ".");
  gitIn(branches, "commit", "--quiet", "-m", "8.3");
  gitIn(branches, "checkout", "--quiet", "-b", "8.4");
  write("php/Dockerfile", "FROM initech/reports:latest\n", branches);
  gitIn(branches, "commit", "--quiet", "--all", "-m", "8.4");
}

/** Docker Hub's API, for somebody who is logged in. */
function answerOfHub(repositories: readonly Repository[]): [status: number, json: unknown] {
  const { path = "", headers = {}, body = "" } = hub.asked.at(-1) ?? {};
  if (path === "/v2/auth/token") {
    const isRight = body === JSON.stringify({ identifier: "ada", secret: "do-not-show-this-8" });
    return isRight ? [200, { access_token: "a.b.c" }] : [401, { message: "do-not-show-this-9" }];
  }
  if (headers.authorization !== "Bearer a.b.c") return [401, {}];
  const { pathname, searchParams } = new URL(path, "https://hub.docker.com");
  if (pathname === "/v2/namespaces/initech/repositories") {
    const at = Number(searchParams.get("page")) - 1;
    const names = [...repositories.map(({ image }) => image.split("/")[1]), "not-built-here"];
    return [200, { next: at + 1 < names.length ? "more" : null, results: [{ name: names[at] }] }];
  }
  const own = repositories.find(({ image }) => image === searchParams.get("image"));
  if (pathname === "/api/build/v1/source/") return own === undefined ? [404, {}] : [200, sourceAnswer(own)];
  const rules = repositories.flatMap((one) =>
    ruleAnswers(one).map((answer, index) => ({ uri: ruleUri(one, index), answer })),
  );
  const found = rules.find(({ uri }) => uri === pathname);
  return found === undefined ? [404, {}] : [200, found.answer];
}

const sources = ["--source", "acme/images=images", "--source", "umbrella/app=app", "--source", "php"];
const login = { DOCKERHUB_USERNAME: "ada", DOCKERHUB_TOKEN: "do-not-show-this-8" };
const urls = () => ["--registry-url", registry.origin, "--hub-url", hub.origin];
const move = (args: readonly string[], env: Record<string, string> = login) =>
  tagrelay(["move", ...args, ...urls()], { cwd: folder.path, env });
const all = ["acme.json", "umbrella.har", "--account", "initech", ...sources];

const textOf = (path: string) => readFileSync(join(folder.path, path), "utf8");
const allFiles = () =>
  readdirSync(join(folder.path, "moved"), { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.path.length + 1))
    .sort();
const nameOf = ({ image }: { image: Image | null }) => (image === null ? "" : imageName(image));

/** What the trigger of a step passes to its workflow. */
function inputsOf(image: string): Record<string, string> | undefined {
  const { pipelines } = readConfig(join(folder.path, "moved/tagrelay.yaml"));
  const steps = pipelines.flatMap((pipeline) => pipeline.steps);
  const trigger = steps.find((step) => nameOf(step) === image)?.trigger;
  return trigger?.kind === "github" && "inputs" in trigger ? trigger.inputs : undefined;
}

describe("three accounts: saved answers, a HAR, and the API", () => {
  let result: Awaited<ReturnType<typeof move>>;
  beforeAll(async () => {
    setUp();
    result = await move(all);
  });
  afterAll(() => folder.remove());

  test("become pipelines in the order of their FROM lines, across accounts and branches", () => {
    expect(result.stderr).toContain("moved 10 images in 4 pipelines");
    expect(result.code).toBe(1);
    const { pipelines } = readConfig(join(folder.path, "moved/tagrelay.yaml"));
    const after = pipelines.flatMap(({ steps }) =>
      steps.map((own): [string, string[]] => {
        const before = steps.filter(({ name }) => own.after.includes(name));
        return [nameOf(own), before.map(nameOf)];
      }),
    );
    expect(Object.fromEntries(after)).toEqual({
      "acme/base:latest": [],
      "acme/api:main": ["acme/base:latest"],
      "acme/web:latest": ["acme/api:main"],
      "umbrella/app:latest": ["acme/web:latest"],
      "umbrella/app:1.0": ["acme/web:latest"],
      "umbrella/app:old": ["acme/web:latest"],
      // The branch that is not checked out has another base.
      "initech/php:8.3": [],
      "initech/php:8.4": ["initech/reports:latest"],
      "initech/reports:latest": [],
      "initech/ledger:latest": [],
    });
    const { upstreams, name } =
      pipelines.flatMap(({ steps }) => steps).find(({ image }) => image?.tag === "8.3") ?? {};
    expect([name, upstreams]).toEqual(["initech/php:8.3", ["library/debian:bookworm"]]);
    expect(pipelines.map(({ source }) => source)).toEqual([
      { host: "github", repository: "acme/images", branches: ["main"], tags: [], paths: [] },
      null,
      { host: "github", repository: "initech/php", branches: ["8.3"], tags: [], paths: [] },
      { host: "github", repository: "initech/reports", branches: ["master"], tags: [], paths: [] },
    ]);
  });

  test("tell each build what its rule says, for the platforms that its present tag has", () => {
    expect(inputsOf("acme/base:latest")).toEqual({
      image: "{image}",
      context: "base",
      file: "base/Dockerfile",
      source: "main",
      tags: "12",
      platforms: "linux/amd64,linux/arm64",
      run: "{run}",
      step: "{step}",
      pins: "{pins}",
    });
    expect(inputsOf("acme/api:main")).toMatchObject({
      context: "api",
      file: "api/Dockerfile",
      platforms: "linux/amd64,linux/s390x",
      ...{
        "build-args": "FLAVOUR=vanilla",
        "build-contexts": "acme/base:12=docker-image://acme/base:latest",
      },
      secrets: "NPM_TOKEN",
    });
    expect(inputsOf("acme/web:latest")).toMatchObject({
      context: "web",
      file: "web/docker/Dockerfile.prod",
      hooks: "build post_push",
    });
    expect(inputsOf("umbrella/app:1.0")).toMatchObject({
      context: ".",
      file: "Dockerfile",
      source: "v1.0",
      tests: "yes",
    });
    expect(inputsOf("initech/php:8.4")).toMatchObject({ source: "8.4", tags: "latest" });
  });

  test("keep every secret out of all files and of what is shown", () => {
    const shown = [result.stdout, result.stderr, ...allFiles().map(textOf)].join("\n");
    expect(shown).not.toContain("do-not-show-this");
    expect(shown).toContain("nightly job");
  });

  test("get workflows that GitHub's own parser accepts, with all inputs that steps and other workflows pass", () => {
    const workflows = allFiles().filter((file) => file.endsWith(".yml"));
    expect(workflows).toEqual([
      "moved/acme/images/.github/workflows/image.yml",
      "moved/initech/php/.github/workflows/git-refs.yml",
      "moved/initech/php/.github/workflows/image.yml",
      "moved/initech/reports/.github/workflows/image.yml",
      "moved/umbrella-corp/App/.github/workflows/autotest.yml",
      "moved/umbrella-corp/App/.github/workflows/git-refs.yml",
      "moved/umbrella-corp/App/.github/workflows/image.yml",
    ]);
    for (const file of workflows) expect([file, check(textOf(file))]).toEqual([file, []]);
    const { on } = parse(textOf("moved/umbrella-corp/App/.github/workflows/image.yml"));
    const given = Object.keys(on.workflow_dispatch.inputs);
    // GitHub allows no more.
    expect(given.length).toBeLessThanOrEqual(25);
    expect(given).toEqual(expect.arrayContaining(Object.keys(inputsOf("umbrella/app:1.0") ?? {})));
    const { jobs } = parse(textOf("moved/umbrella-corp/App/.github/workflows/git-refs.yml"));
    expect(Object.keys(on.workflow_call.inputs)).toEqual(
      expect.arrayContaining(Object.keys(jobs.image.with)),
    );
  });

  test("leave to the workflow of pushed branches and tags what is no source of a pipeline", () => {
    const rulesOf = (repository: string) => {
      const { on, jobs } = parse(textOf(`moved/${repository}/.github/workflows/git-refs.yml`));
      return { on: on.push, rules: JSON.parse(jobs.rules.steps[0].env.RULES) };
    };
    expect(rulesOf("umbrella-corp/App")).toMatchObject({
      on: { branches: ["**"], tags: ["**"] },
      rules: [
        { type: "branch", pattern: "^main$", tag: "latest" },
        { type: "tag", pattern: "^v([0-9]+)\\.([0-9.]+)$", tag: "{\\1}.{\\2},{\\1},{sourceref}" },
        { type: "branch", pattern: "release-(.+)", tag: "{\\1}", inputs: { platforms: "linux/amd64" } },
        { type: "tag", pattern: "^v1\\.0$", tag: "1.0" },
      ],
    });
    // The pipeline of the branch 8.4 has another source.
    expect(rulesOf("initech/php")).toMatchObject({
      on: { branches: ["**"] },
      rules: [{ type: "branch", pattern: "^8\\.4$", tag: "8.4,latest", image: "initech/php" }],
    });
  });

  test.each([
    ["acme/images", "step `base` of `base` for `linux/amd64`, `linux/arm64`, also pushed as `12`"],
    ["acme/images", "Repository links are on: a new `debian:bookworm-slim` starts a run"],
    ["acme/images", "Repository links are off"],
    ["acme/images", "- [ ] Add as secrets to the repository at GitHub: `NPM_TOKEN`"],
    ["acme/images", "- [ ] The Dockerfile has secrets as arguments (`NPM_TOKEN`)"],
    ["acme/images", "nothing was found to use were left out: `ENDPOINT`, `FORGOTTEN`"],
    ["acme/images", "- [ ] `hooks/push` does not run"],
    ["acme/images", "- [ ] `hooks/post_push` pushes what one runner has"],
    ["acme/images", "Emulated, which is slow, as there is no runner of that kind: `linux/s390x`"],
    ["acme/images", "Build caching was on"],
    ["acme/images", "`DOCKERFILE_PATH` is the name of the Dockerfile in its folder"],
    ["umbrella-corp/App", "- [ ] The rule `feature/x` → `{sourceref}` was not moved"],
    ["umbrella-corp/App", "- [ ] The rule `/(/` → `never` was not moved"],
    ["umbrella-corp/App", "branch `/^nightly$/` → `nightly`, `Dockerfile` in `.` | by hand"],
    ["umbrella-corp/App", "`release-(.+)` matches parts of names"],
    ["umbrella-corp/App", "Autobuild is off for `/^nightly$/`, `old`"],
    ["umbrella-corp/App", "`git-refs.yml` builds pushes of `main`, `v1.0`"],
    ["umbrella-corp/App", "Tests run before a tag is pushed: `docker-compose.test.yml`"],
    ["umbrella-corp/App", "`autotest.yml` builds and tests pull requests, also from forks"],
    ["umbrella-corp/App", "- [ ] `SSH_PRIVATE` was the key for private submodules"],
    ["umbrella-corp/App", "`umbrella/app:1.0` is built for linux/amd64 alone: it is not at Docker Hub yet."],
    ["umbrella-corp/App", "- [ ] Build triggers of Docker Hub (`nightly job`)"],
    ["initech/reports", "- [ ] No checkout was given"],
    ["initech/ledger", "its source is at Bitbucket"],
  ])("name in the checklist of %s: %s", (repository, text) => {
    expect(textOf(`moved/${repository}/MOVING.md`)).toContain(text);
  });
});

describe("files and branches", () => {
  beforeEach(setUp);
  afterEach(() => folder.remove());

  test("what is already there is left alone, and nothing is written beside another file", async () => {
    const args = ["acme.json", ...sources];
    await move(args);
    expect((await move(args)).stdout).toContain("moved/tagrelay.yaml is as it should be");
    write("moved/acme/images/MOVING.md", "mine\n");
    write("acme.json", toJson(acme.slice(0, 1)));
    const { code, stderr } = await move(args);
    expect([code, textOf("moved/acme/images/MOVING.md")]).toEqual([1, "mine\n"]);
    expect(stderr).toContain("expected no other file at moved/");
  });

  test("--branch commits to a new branch, and leaves alone what is checked out", async () => {
    write("php.json", toJson(initech.slice(0, 1)));
    git("config", "user.name", "a");
    git("config", "user.email", "a@example.org");
    write("php/half-done", "my work\n");
    const { stdout } = await move(["php.json", "--source", "php", "--branch", "off-docker-hub"]);
    expect(stdout).toContain("push the branch: git -C php push origin off-docker-hub");
    expect(git("show", "--stat", "--format=%s", "off-docker-hub")).toContain(".github/workflows/image.yml");
    expect([git("branch", "--show-current").trim(), git("status", "--short").trim()]).toEqual([
      "8.4",
      "?? half-done",
    ]);
    expect(existsSync(join(folder.path, "moved/tagrelay.yaml"))).toBe(true);
    const again = await move(["php.json", "--source", "php", "--branch", "off-docker-hub"]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("choose another branch");
  });

  test("--trigger gitlab writes its pipeline, and names what that does not do", async () => {
    const { code } = await move(["acme.json", ...sources, "--trigger", "gitlab"]);
    expect(code).toBe(1);
    const { pipelines } = readConfig(join(folder.path, "moved/tagrelay.yaml"));
    expect(pipelines[0]?.steps[0]?.trigger).toMatchObject({
      kind: "gitlab",
      project: "acme/images",
      variables: { SOURCE: "main", TAGS: "12", PLATFORMS: "linux/amd64,linux/arm64" },
    });
    expect(textOf("moved/acme/images/.gitlab-ci.yml")).toContain("docker buildx build");
    expect(textOf("moved/acme/images/MOVING.md")).toContain("- [ ] Hooks are not moved to GitLab");
  });

  test("--trigger codebuild writes the projects of the stack, and names what they do not do", async () => {
    const { code, stderr } = await move(["acme.json", ...sources, "--trigger", "codebuild"]);
    expect(code).toBe(1);
    const { pipelines, buildProjects } = readConfig(join(folder.path, "moved/tagrelay.yaml"));
    const ref = "main";
    expect(pipelines[0]?.steps[0]?.trigger).toMatchObject({
      kind: "codebuild",
      project: "acme-images",
      ref,
      variables: { TAGS: "12", PLATFORMS: "linux/amd64,linux/arm64" },
    });
    expect(buildProjects).toMatchObject([
      {
        name: "acme-images",
        source: { kind: "github", repository: "acme/images", connection: null },
        logins: [{ registry: "docker.io", username: "acme" }],
      },
    ]);
    expect(pipelines[0]?.source).toMatchObject({ repository: "acme/images" });
    expect(readdirSync(join(folder.path, "moved/acme/images"))).toEqual(["MOVING.md"]);
    const list = textOf("moved/acme/images/MOVING.md");
    expect(list).toContain("from Docker Hub's builds to AWS CodeBuild");
    expect(list).toContain("`npx cdk deploy` creates the project `acme-images`");
    expect(list).toContain("- [ ] Hooks are not moved to AWS CodeBuild");
    expect(list).toContain("was not moved: CodeBuild has no machines for linux/s390x");
    expect(stderr).toContain("a private one needs a connection in its source");
  });
});

describe("--dry-run", () => {
  beforeEach(setUp);
  afterEach(() => folder.remove());
  const dryRun = () => move(["acme.json", ...sources, "--dry-run"]);
  const push = (layers: Record<string, string[]>, options: ImageOptions = {}) =>
    registry.images.push("acme/base:latest-trial", layers, options);

  test.each([
    [
      "same",
      { "linux/amd64": ["debian", "base"], "linux/arm64": ["debian", "base"] },
      "linux/arm64/v8: all 2 layers the same",
    ],
    [
      "rebuilt",
      { "linux/amd64": ["debian", "new"], "linux/arm64": ["debian", "new"] },
      "linux/amd64: on the same 1 lowest layers, 1 of 2 layers made anew",
    ],
    ["differs", { "linux/amd64": ["debian", "base"] }, "linux/arm64/v8: missing in the trial"],
    [
      "differs",
      { "linux/amd64": ["debian", "base", "more"], "linux/arm64": ["debian", "base"] },
      "linux/amd64: 3 layers instead of 2, the lowest 2 the same",
    ],
    [
      "differs",
      { "linux/amd64": ["other", "base"], "linux/arm64": ["debian", "base"] },
      "nothing tells that it stands on the same base",
    ],
  ])("a trial is %s with %j", async (verdict, layers, line) => {
    push(layers);
    const { code, stdout } = await dryRun();
    expect(stdout).toContain(`acme/base:latest and acme/base:latest-trial: ${verdict}`);
    expect(stdout).toContain(line);
    // The others have no trial.
    expect([code, existsSync(join(folder.path, "moved"))]).toEqual([verdict === "differs" ? 1 : 2, false]);
  });

  test("layers that were compressed again are the same, and a base that was pushed since is told", async () => {
    const diffIds = { "linux/amd64": ["debian", "base"], "linux/arm64": ["debian", "base"] };
    push(
      { "linux/amd64": ["debian.zst", "base.zst"], "linux/arm64": ["debian.zst", "base.zst"] },
      { diffIds },
    );
    expect((await dryRun()).stdout).toContain("linux/amd64: all 2 layers the same");
    registry.images.push("library/debian:bookworm-slim", {
      "linux/amd64": ["debian 2"],
      "linux/arm64": ["debian 2"],
    });
    push({ "linux/amd64": ["debian 2", "base"], "linux/arm64": ["debian 2", "base"], "linux/s390x": ["x"] });
    const { stdout } = await dryRun();
    expect(stdout).toContain("nothing tells that it stands on the same base");
    push({ "linux/amd64": ["debian 2", "base"], "linux/arm64": ["debian 2", "base"] });
    expect((await dryRun()).stdout).toContain(
      "linux/amd64: on its base as that is now, 2 of 2 layers made anew",
    );
  });
});

describe("wrong usage and wrong files", () => {
  beforeEach(setUp);
  afterEach(() => folder.remove());

  test.each([
    [[], "expected files with saved build settings, or --account NAME"],
    [["nothing.json"], "found no such file"],
    [["php/Dockerfile"], "expected JSON or a HAR"],
    [["empty.json"], "expected build settings of Docker Hub"],
    [["acme.json", "--source", "acme/base=nowhere"], "which is no folder"],
  ])("%j is refused, with what to do", async (args, message) => {
    write("empty.json", "{}");
    const { code, stderr } = await move(args);
    expect([code, existsSync(join(folder.path, "moved"))]).toEqual([2, false]);
    expect(stderr).toContain(message);
  });

  test("rules that were not saved are missed", async () => {
    write(
      "part.json",
      JSON.stringify([
        sourceAnswer(acme[0] ?? never()),
        ...ruleAnswers(acme[0] ?? never()),
        sourceAnswer(umbrella[0] ?? never()),
      ]),
    );
    const { stderr } = await move(["part.json", ...sources]);
    expect(stderr).toContain("to decide: umbrella/app: 8 of its rules are not in the files");
  });

  test("a login that Docker Hub refuses is an error that does not show it, and so is none", async () => {
    const refused = await move(["--account", "initech"], { ...login, DOCKERHUB_USERNAME: "eve" });
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain("answered 401");
    expect(refused.stderr).not.toContain("do-not-show-this");
    const none = await move(["--account", "initech"], {});
    expect(none.stderr).toContain("expected DOCKERHUB_USERNAME and DOCKERHUB_TOKEN");
    expect(none.code).toBe(2);
  });

  test("a terminal asks for the login, does not show it, and nothing stores it", async () => {
    const args = ["move", "--account", "initech", "--source", "php", ...urls()];
    const env = { PATH: process.env.PATH ?? "" };
    const terminal = openTerminal(process.execPath, [tagrelayFile, ...args], { env, cwd: folder.path });
    await terminal.shows(/user name at Docker Hub/);
    terminal.press("ada\r");
    await terminal.shows(/password or access token/);
    terminal.press("do-not-show-this-8\r");
    expect(await terminal.ended).toBe(1);
    expect(terminal.raw()).toContain("moved 4 images");
    expect([terminal.raw(), ...allFiles().map(textOf)].join("\n")).not.toContain("do-not-show-this");
    terminal.close();
  });

  test("an API that is gone is named, with what to do instead", async () => {
    const { answer } = hub;
    hub.answer = (response) =>
      hub.asked.at(-1)?.path.startsWith("/api/build") === true
        ? void response.writeHead(410).end()
        : answer(response);
    const { code, stderr } = await move(["--account", "initech"]);
    hub.answer = answer;
    expect(code).toBe(3);
    expect(stderr).toContain(
      "found that it answered 410; this API is undocumented: save the repositories' Builds pages as HAR",
    );
  });
});

function never(): never {
  throw new Error("the accounts are not empty");
}
