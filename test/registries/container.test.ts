// The Dockerfile is built by buildah, and started as its HEALTHCHECK, USER and VOLUME say, on a root file system that is mounted
// read-only. Only the base differs from the real one: see container.sh.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { root, until } from "../stand-ins/program.ts";

const image = z.object({
  OCIv1: z.object({
    config: z.object({
      User: z.string(),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()),
      Env: z.array(z.string()),
      WorkingDir: z.string(),
      Volumes: z.record(z.string(), z.unknown()),
    }),
  }),
  Docker: z.object({ config: z.object({ Healthcheck: z.object({ Test: z.array(z.string()) }) }) }),
});
type Config = z.infer<typeof image>["OCIv1"]["config"];

let folder = "";
let mounted = "";
let config: Config;
let healthcheck: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tagrelay-container-"));
  const script = join(root, "test/registries/container.sh");
  execFileSync("bash", [script, folder, process.execPath], { stdio: ["ignore", "ignore", "inherit"] });
  mounted = readFileSync(join(folder, "mounted"), "utf8").trim();
  const { OCIv1, Docker } = image.parse(JSON.parse(readFileSync(join(folder, "image.json"), "utf8")));
  config = OCIv1.config;
  healthcheck = Docker.config.Healthcheck.Test;
  // What a volume, a configuration and a secret are to a container.
  for (const name of ["data", "other-data"]) {
    mkdirSync(join(folder, name));
    chownSync(join(folder, name), 1_000, 1_000);
  }
  const pipelines = 'pipelines: { p: { sequence: ["acme/p:1"] } }\nmetrics: public\n';
  writeFileSync(join(folder, "tagrelay.yaml"), pipelines);
  writeFileSync(join(folder, "token"), "token-of-a-file\n");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Within mount namespaces of its own: a read-only root, the volume, the configuration, /proc and a few devices. */
const enter = `
set -eu
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
if [ -n "\${WITHOUT_CONFIG-}" ]; then DATA="$FOLDER/other-data"; fi
mount --bind "$DATA" "$ROOT/data"
mount -t tmpfs tmpfs "$ROOT/config"
[ -n "\${WITHOUT_CONFIG-}" ] || cp "$FOLDER/tagrelay.yaml" "$FOLDER/token" "$ROOT/config/"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/dev"
touch "$ROOT/dev/null" "$ROOT/dev/urandom"
mount --bind /dev/null "$ROOT/dev/null"
mount --bind /dev/urandom "$ROOT/dev/urandom"
exec chroot --userspec=1000:1000 "$ROOT" /bin/sh -c 'cd "$DIRECTORY" && exec "$@"' sh "$@"
`;

function start(command: readonly string[], env: Record<string, string> = {}) {
  const child = spawn("unshare", ["--mount", "sh", "-c", enter, "sh", ...command], {
    env: {
      ROOT: mounted,
      DATA: join(folder, "data"),
      FOLDER: folder,
      DIRECTORY: config.WorkingDir,
      ...Object.fromEntries(
        config.Env.map((line) => [line.split("=")[0], line.split("=").slice(1).join("=")]),
      ),
      PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      ...env,
    },
    stdio: "pipe",
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => output, ended };
}

test("it runs as a user who is not root, has one volume, and is under 120 MB as it is pulled", () => {
  expect(config).toMatchObject({ User: "1000:1000", Volumes: { "/data": {} }, WorkingDir: "/config" });
  const oci = join(folder, "oci");
  const read = (digest: string) =>
    JSON.parse(readFileSync(join(oci, "blobs", digest.replace(":", "/")), "utf8"));
  const { manifests } = JSON.parse(readFileSync(join(oci, "index.json"), "utf8"));
  const layers: { size: number }[] = read(manifests[0].digest).layers;
  const megabytes = layers.reduce((sum, { size }) => sum + size, 0) / 1e6;
  expect(megabytes).toBeLessThan(120);
  expect(megabytes).toBeGreaterThan(20);
});

test("on a read-only root it starts, is healthy, runs a pipeline, keeps its state in /data, and stops when told", async () => {
  const env = { TAGRELAY_API_TOKEN_FILE: "/config/token" };
  const port = "18787";
  // Another port than the image exposes: the network is that of this machine.
  const program = start([...config.Entrypoint, ...config.Cmd, "--port", port], env);
  try {
    await until(() => program.output().includes("tagrelay listening on"), program.output(), 30_000);
    const [, ...check] = healthcheck;
    const asked = check.map((part) => part.replace("8787", port));
    expect(await start(asked).ended).toBe(0);
    expect(await start(check.map((part) => part.replace("8787", "1"))).ended).toBe(1);
    const command = (...args: string[]) =>
      start(["tagrelay", ...args, "--url", `http://127.0.0.1:${port}`], env);
    const run = command("watch", "p");
    expect([await run.ended, run.output()]).toEqual([0, expect.stringContaining("succeeded")]);
    const write = start(["node", "-e", "require('fs').writeFileSync('/app/x', '')"]);
    expect([await write.ended, write.output()]).toEqual([1, expect.stringMatching(/EROFS/)]);
  } finally {
    program.child.kill("SIGTERM");
    await Promise.race([program.ended, sleep(20_000)]);
  }
  expect(await program.ended).toBe(0);
  expect(execFileSync("ls", [join(folder, "data")], { encoding: "utf8" })).toContain("secrets.json");
  expect(program.output()).not.toContain("token-of-a-file");
}, 120_000);

test("without a configuration it runs the sample, and the command line in it finds the token", async () => {
  const env = { WITHOUT_CONFIG: "yes" };
  const program = start([...config.Entrypoint, ...config.Cmd, "--port", "18788"], env);
  try {
    await until(
      () => program.output().includes("these are the sample's pipelines"),
      program.output(),
      30_000,
    );
    const list = start(["tagrelay", "list", "--url", "http://127.0.0.1:18788"], env);
    expect([await list.ended, list.output()]).toEqual([0, expect.stringContaining("void-docker")]);
  } finally {
    program.child.kill("SIGTERM");
    await Promise.race([program.ended, sleep(20_000)]);
  }
}, 60_000);
