// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Dockerfiles.
// What `tagrelay move` writes, run for real: the shell steps of its workflows by bash, builds by buildah, a real registry.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { allowHosts, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { tagrelay } from "../stand-ins/command-line.ts";
import { type Folder, makeFolder, root } from "../stand-ins/program.ts";
import { serve } from "../stand-ins/serve.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { runWorkflow } from "./workflow-runner.ts";

let folder: Folder;
let registry: Registry;
/** Docker Hub's registry and its token service: a real registry that asks for no token. */
let hub: { origin: string; close: () => Promise<void> };
let env: Record<string, string>;

const texts = {
  "base/number": "1\n",
  "base/Dockerfile": "FROM scratch\nCOPY number /number\n",
  "web/name": "web\n",
  "web/Dockerfile":
    "ARG BASE=acme/base\nFROM ${BASE}:12\nARG FLAVOUR\nLABEL flavour=$FLAVOUR\nCOPY name /web\n",
  "web/docker-compose.test.yml":
    "services:\n  sut:\n    build: .\n    command: test -e web && test -e number\n",
  "web/hooks/pre_build":
    '#!/bin/sh\nset -e\ntest "$FLAVOUR" = vanilla\necho "$DOCKER_TAG of $SOURCE_BRANCH" > name\n',
  "tool/name": "tool\n",
  "tool/Dockerfile": "FROM acme/base\nARG GREETING\nLABEL greeting=$GREETING\nCOPY name /tool\n",
  "tool/hooks/build":
    '#!/bin/bash\ndocker build --build-arg GREETING="$GREETING $API_TOKEN" -f $DOCKERFILE_PATH -t $IMAGE_NAME .\n',
  "tool/hooks/post_push":
    "#!/bin/bash\ndocker tag $IMAGE_NAME $DOCKER_REPO:extra\ndocker push $DOCKER_REPO:extra\n",
};

const source = (name: string, more: object) => ({
  objects: [
    {
      autotests: "OFF",
      build_in_farm: true,
      channel: "Stable",
      deploykey: "",
      envvars: [],
      image: `acme/${name}`,
      owner: "acme",
      provider: "Github",
      repo_links: true,
      repository: "images",
      resource_uri: `/api/build/v1/source/${name}/`,
      state: "Success",
      uuid: name,
      ...more,
    },
  ],
});
const rule = (name: string, source_type: string, source_name: string, tag: string) => ({
  ...{
    autobuild: true,
    build_context: `/${name}`,
    dockerfile: "Dockerfile",
    nocache: false,
    state: "Success",
  },
  source_type,
  source_name,
  tag,
});
const settings = [
  source("base", { build_settings: [rule("base", "Branch", "main", "latest,12")] }),
  source("web", {
    autotests: "SOURCE_ONLY",
    envvars: [{ key: "FLAVOUR", value: "vanilla" }],
    build_settings: [
      rule("web", "Branch", "main", "{sourceref}"),
      rule("web", "Tag", "/^v([0-9]+)\\.([0-9]+)$/", "{\\1}.{\\2},{\\1},{sourceref}"),
      rule("web", "Branch", "/^release-(.+)$/", "{\\1}"),
    ],
  }),
  source("tool", {
    envvars: [
      { key: "GREETING", value: "hello" },
      { key: "API_TOKEN", value: "a secret" },
    ],
    build_settings: [rule("tool", "Branch", "main", "latest")],
  }),
];

const store = (name: string) => [
  ...["--storage-driver", "vfs", "--root", join(folder.path, name, "images")],
  ...["--runroot", join(folder.path, name, "run")],
];
const buildah = (...args: string[]) =>
  execFileSync("buildah", [...store("docker-hub"), ...args], {
    cwd: folder.path,
    env: { ...process.env, ...env },
  });

const git = (...args: string[]) =>
  execFileSync("git", [
    ...["-C", join(folder.path, "images"), "-c", "user.name=a", "-c", "user.email=a@example.org"],
    ...args,
  ]);

function write(path: string, text: string): void {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(async () => {
  folder = makeFolder();
  const hook = { url: "http://127.0.0.1:9/", secret: "x" };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
  hub = await serve(
    createServer((asked, response) => {
      if (asked.url?.startsWith("/token") === true) return void response.end('{"token":"anonymous"}');
      const { method = "", url: path = "", headers } = asked;
      const onward = request(`http://${registry.host}${path}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      asked.pipe(onward);
    }),
  );
  write(
    "registries.conf",
    `unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n[[registry]]\nprefix = "docker.io"\nlocation = "${registry.host}"\ninsecure = true\n`,
  );
  mkdirSync(join(folder.path, "bin"));
  symlinkSync(join(root, "test/registries/docker.sh"), join(folder.path, "bin/docker"));
  env = {
    PATH: `${join(folder.path, "bin")}:${process.env.PATH}`,
    HOME: folder.path,
    REGISTRY: registry.host,
    CONTAINERS_REGISTRIES_CONF: join(folder.path, "registries.conf"),
  };
  for (const [path, text] of Object.entries(texts)) write(`images/${path}`, text);
  git("init", "--quiet", "--initial-branch", "main");
  git("add", ".");
  git("commit", "--quiet", "-m", "All images");
  git("tag", "v1.4");
  git("branch", "release-next");
  write("settings.json", JSON.stringify(settings));
  pushPresent();
  await move();
});
afterAll(async () => {
  await hub?.close();
  await registry?.stop();
  folder?.remove();
});

/** What Docker Hub has built: a base for two platforms, and an image for one. */
function pushPresent(): void {
  buildah("manifest", "create", "base");
  for (const platform of ["linux/amd64", "linux/arm64"])
    buildah("bud", "-q", "--platform", platform, "--manifest", "base", "images/base");
  for (const tag of ["latest", "12"])
    buildah(
      "manifest",
      "push",
      "-q",
      "--all",
      "--tls-verify=false",
      "base",
      `docker://${registry.host}/acme/base:${tag}`,
    );
  buildah("bud", "-q", "--isolation", "chroot", "--tag", "web", "images/web");
  buildah("push", "-q", "--tls-verify=false", "web", `docker://${registry.host}/acme/web:main`);
}

const move = (...args: string[]) =>
  tagrelay(
    ["move", "settings.json", "--source", "acme/images=images", "--registry-url", hub.origin, ...args],
    {
      cwd: folder.path,
    },
  );
const moved = (path: string) => readFileSync(join(folder.path, "moved", path), "utf8");
const stepOf = (name: string) => parse(moved("tagrelay.yaml")).pipelines.acme.steps[name];

/** Dispatches the workflow as Tagrelay does for a step. */
async function build(step: string, image: string, pins = "", more: Record<string, string> = {}) {
  const { inputs } = stepOf(step).trigger.github;
  const values = { "{image}": image, "{run}": "a run", "{step}": step, "{pins}": pins };
  const filled = Object.entries<string>(inputs).map(([key, text]) => [
    key,
    Object.entries(values).reduce((all, [from, to]) => all.replace(from, to), text),
  ]);
  return run("image", { ...Object.fromEntries(filled), ...more });
}

let runs = 0;
function run(
  workflow: string,
  inputs: Record<string, string>,
  github: Record<string, unknown> = {},
  only?: string[],
) {
  const machine = {
    repository: join(folder.path, "images"),
    folder: join(folder.path, `run-${runs++}`),
    env,
  };
  const context = { inputs, github, vars: {}, secrets: { API_TOKEN: "a secret" } };
  return runWorkflow(moved(`acme/images/.github/workflows/${workflow}.yml`), machine, context, only ?? null);
}

function reader() {
  const origins = { ...realOrigins, registry: hub.origin };
  const send = createSend(allowHosts(origins));
  return createLookUps({ send, origins, clock: Date.now, readLogin: async () => null }).readContent;
}

async function contentOf(image: string) {
  const colon = image.lastIndexOf(":");
  const answer = await reader().readImage(image.slice(0, colon), image.slice(colon + 1));
  if (answer.kind !== "found") throw new Error(`expected ${image}, found ${JSON.stringify(answer)}`);
  return answer.content;
}
const configOf = (image: string) =>
  JSON.parse(
    execFileSync(
      "skopeo",
      ["inspect", "--config", "--tls-verify=false", `docker://${registry.host}/${image}`],
      {
        env: { ...process.env, ...env },
        encoding: "utf8",
      },
    ),
  ).config;

test("an image has the platforms that its present tag has, each built on a runner of its own, in one index", async () => {
  expect(stepOf("base").trigger.github.inputs.platforms).toBe("linux/amd64,linux/arm64");
  const { plan } = await build("base", "acme/base:latest-trial", "", { tags: "12-trial" });
  const builds: Record<string, string>[] = JSON.parse(plan?.builds ?? "");
  expect(builds.map(({ platform, runner }) => [platform, runner])).toEqual([
    ["linux/amd64", "ubuntu-24.04"],
    ["linux/arm64", "ubuntu-24.04-arm"],
  ]);
  const { digest, platforms } = await contentOf("acme/base:latest-trial");
  expect(platforms.map(({ platform }) => platform).sort()).toEqual(["linux/amd64", "linux/arm64"]);
  expect((await contentOf("acme/base:12-trial")).digest).toBe(digest);
});

test("an image stands on the base of its run, whatever its FROM line calls that; hooks and tests run, with their variables", async () => {
  const { digest } = await contentOf("acme/base:latest");
  const pins = `acme/base:latest=docker-image://acme/base@${digest}`;
  await build("web", "acme/web:main-trial", pins);
  const [own] = (await contentOf("acme/web:main-trial")).platforms;
  const { platforms } = await contentOf("acme/base:latest");
  const base = platforms.find(({ platform }) => platform === "linux/amd64");
  expect(own?.layers).toEqual([...(base?.layers ?? []), expect.any(String)]);
  expect(configOf("acme/web:main-trial").Labels).toMatchObject({ flavour: "vanilla" });
  write("images/web/docker-compose.test.yml", "services:\n  sut:\n    command: test -e nothing\n");
  git("commit", "--quiet", "--all", "-m", "A test that fails");
  await expect(build("web", "acme/web:untested", pins)).rejects.toThrow();
  await expect(contentOf("acme/web:untested")).rejects.toThrow("missing");
  git("reset", "--quiet", "--hard", "HEAD~1");
});

test("hooks/build makes the image from the pinned base, with secrets of the repository, and hooks/post_push follows", async () => {
  const { digest } = await contentOf("acme/base:latest-trial");
  await build("tool", "acme/tool:latest", `acme/base:latest=docker-image://acme/base@${digest}`);
  const [own] = (await contentOf("acme/tool:latest")).platforms;
  const { platforms } = await contentOf("acme/base:latest-trial");
  const base = platforms.find(({ platform }) => platform === "linux/amd64");
  const read = async (image: string, platform: typeof own) => {
    const ids = platform === undefined ? null : await reader().readDiffIds(image, platform);
    return ids?.kind === "found" ? ids.part : [];
  };
  const layers = await read("acme/tool", own);
  expect(layers).toEqual([...(await read("acme/base", base)), expect.any(String)]);
  expect(configOf("acme/tool:latest").Labels).toMatchObject({ greeting: "hello a secret" });
  await contentOf("acme/tool:extra");
});

test.each([
  ["tag", "v1.4", ["acme/web:1.4", "acme/web:1", "acme/web:v1.4"]],
  ["branch", "release-next", ["acme/web:next"]],
  ["tag", "1.4", []],
  ["branch", "v1.4", []],
])(
  "a pushed %s %s builds what the regular expressions of the rules say",
  async (ref_type, ref_name, images) => {
    const { rules } = await run("git-refs", {}, { ref_type, ref_name }, ["rules"]);
    const builds: Record<string, string>[] = JSON.parse(rules?.builds ?? "");
    expect(builds).toHaveLength(images.length === 0 ? 0 : 1);
    for (const inputs of builds) await run("image", { ...inputs, run: "a push" });
    for (const image of images) expect(configOf(image).Labels).toMatchObject({ flavour: "vanilla" });
  },
);

test("a pull request is built and tested, and nothing is pushed", async () => {
  const pull_request = { head: { repo: { full_name: "acme/images" } } };
  const github = { base_ref: "main", repository: "acme/images", event: { pull_request } };
  const { digest } = await contentOf("acme/web:main");
  await run("autotest", {}, github);
  expect((await contentOf("acme/web:main")).digest).toBe(digest);
  write("images/web/docker-compose.test.yml", "services:\n  sut:\n    command: test -e nothing\n");
  git("commit", "--quiet", "--all", "-m", "A test that fails");
  await expect(run("autotest", {}, github)).rejects.toThrow();
  // Docker Hub was told to test pull requests of the repository alone.
  await run("autotest", {}, { ...github, repository: "acme/other" });
  git("reset", "--quiet", "--hard", "HEAD~1");
});

test("--dry-run compares the layers of each tag with those of its trial, and writes nothing", async () => {
  const first = await move("--dry-run", "--out", "nowhere");
  expect(first.stdout).toContain("acme/base:latest and acme/base:latest-trial: rebuilt");
  expect(first.stdout).toContain("linux/arm64: on its base as that is now, 1 of 1 layers made anew");
  expect(first.stdout).toContain("acme/web:main and acme/web:main-trial: rebuilt");
  expect(first.stdout).toContain("linux/amd64: on the same 1 lowest layers, 1 of 2 layers made anew");
  expect(first.stdout).toContain("acme/tool:latest-trial: not at its registry");
  expect([first.code, existsSync(join(folder.path, "nowhere"))]).toEqual([2, false]);
  write("images/web/Dockerfile", "FROM scratch\nCOPY name /web\nCOPY name /number\n");
  git("commit", "--quiet", "--all", "-m", "Another base");
  await build("web", "acme/web:main-trial");
  const second = await move("--dry-run");
  expect(second.stdout).toContain("linux/amd64: 1 layers instead of 2, the lowest 0 the same");
  expect(second.code).toBe(1);
});
