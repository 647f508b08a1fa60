// What `tagrelay import --trigger command` writes, run for real: a shell, real builds, a real registry.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { tagrelay } from "../stand-ins/command-line.ts";
import { type Folder, makeFolder, startProgram, until } from "../stand-ins/program.ts";
import { readImage } from "./read-image.ts";
import { type Registry, startRegistry } from "./registry.ts";

let folder: Folder;
let registry: Registry;
beforeAll(async () => {
  folder = makeFolder();
  // Commands tell how they ended; nobody listens to the registry.
  const hook = { url: "http://127.0.0.1:9/", secret: "x" };
  registry = await startRegistry({ folder: join(folder.path, "registry"), hook, needsLogin: false });
});
afterAll(async () => {
  await registry.stop();
  folder.remove();
});

function write(path: string, text: string): string {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A docker that builds with buildah, as there is no Docker engine: it takes the flags of `docker buildx build`. */
const docker = `#!/usr/bin/env bash
set -euo pipefail
shift 2
flags=()
while [ "$#" -gt 1 ]; do
  case $1 in
    --push) ;;
    --pull) flags+=(--pull-always) ;;
    --tag) image=$2; flags+=(--tag "$2"); shift ;;
    *) flags+=("$1") ;;
  esac
  shift
done
storage=$(mktemp -d)
buildah() { command buildah --storage-driver vfs --root "$storage/root" --runroot "$storage/run" "$@"; }
buildah bud --isolation chroot --tls-verify=false "\${flags[@]}" "$1"
buildah push --tls-verify=false "$image"
rm -rf "$storage"
`;

test("an imported family is built by its commands, each image with its arguments and on this run's base", async () => {
  const { host } = registry;
  write("base/number", "1");
  write("base/Dockerfile", "FROM scratch\\nCOPY number /number\\n".replaceAll("\\n", "\n"));
  // A tag that nobody builds. BuildKit would replace it in an argument, too, but not buildah 1.28.
  write("web/name", "web");
  write(
    "web/Dockerfile",
    `FROM ${host}/acme/base:old AS slim\nARG GREETING\nLABEL greeting="\${GREETING}"\nCOPY name /web\nFROM slim AS full\nCOPY name /full\n`,
  );
  write("api/name", "api");
  write("api/Dockerfile", "FROM parent\nCOPY name /api\n");
  write(
    "docker-bake.hcl",
    `variable "REGISTRY" { default = "${host}" }
function "tag" {
  params = [name]
  result = ["\${REGISTRY}/acme/\${name}:latest"]
}
target "base" {
  context = "base"
  tags = tag("base")
}
target "web" {
  context = "web"
  target = "slim"
  args = { GREETING = "it's \${lower("HERE")}" }
  tags = tag("web")
}
target "api" {
  context = "api"
  contexts = { parent = "target:web" }
  tags = tag("api")
}
`,
  );
  const { code, stdout } = await tagrelay(["import", "--trigger", "command", "."], { cwd: folder.path });
  expect(code).toBe(0);
  const config = write("tagrelay.yaml", stdout);
  const [pipeline = ""] = Object.keys(parse(stdout).pipelines);
  chmodSync(write("bin/docker", docker), 0o755);
  const env = { PATH: `${join(folder.path, "bin")}:${process.env.PATH}` };
  const program = await startProgram(["--live", "--config", config, "--data", folder.data], env, folder.path);
  try {
    expect(await program.api("POST", `/pipelines/${pipeline}/runs`)).toMatchObject({ status: 201 });
    const runOf = async () => (await program.api("GET", `/pipelines/${pipeline}/runs`)).body.runs[0];
    await until(async () => (await runOf()).status !== "running", "the run has ended", 90_000);
    expect(await runOf()).toMatchObject({ status: "succeeded" });
  } finally {
    await program.kill("SIGTERM");
  }
  const [base, web, api] = await Promise.all(
    ["base", "web", "api"].map((name) => readImage(`${host}/acme/${name}:latest`)),
  );
  expect(web?.layers).toEqual([...(base?.layers ?? []), expect.any(String)]);
  expect(api?.layers).toEqual([...(web?.layers ?? []), expect.any(String)]);
  const inspected = execFileSync("skopeo", [
    "inspect",
    "--tls-verify=false",
    `docker://${host}/acme/web:latest`,
  ]);
  const { Labels } = z
    .object({ Labels: z.record(z.string(), z.string()) })
    .parse(JSON.parse(inspected.toString()));
  expect(Labels.greeting).toBe("it's here");
});
