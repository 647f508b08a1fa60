// A release, and its package as users get it: what is in it, and that its parts work where nothing of the clone is.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { functionNames } from "../../infra/bundle/build-function.ts";
import { bundleFunction } from "../../infra/bundle/bundle-function.ts";
import { readConfig } from "../../shared/config/read-config.ts";
import { root, until } from "../stand-ins/program.ts";
import { makeReleaseClone, type ReleaseClone } from "../stand-ins/release-clone.ts";
import { commonJs, esModule, mistakes, tsconfig } from "./apps.ts";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const run = promisify(execFile);

const version = "0.9.0";
let clone: ReleaseClone;
let released: ReturnType<ReleaseClone["release"]>;
let tarball: string;
let installed: InstalledPackage;
beforeAll(async () => {
  clone = makeReleaseClone();
  released = clone.release(version);
  tarball = join(clone.path, `tagrelay-${version}.tgz`);
  installed = await installPackage(tarball);
});
afterAll(() => {
  clone.remove();
  installed.remove();
});

test("npm run release makes the package, the commit and the tag, and cannot make them twice", () => {
  expect(released.stderr).toContain("tagrelay-0.9.0.tgz");
  expect(released.status).toBe(0);
  expect(clone.builderCalls()).toEqual([
    "buildah build --format docker --tag tagrelay:0.9.0 --tag tagrelay:0.9 --tag tagrelay:latest .",
  ]);
  expect(released.stdout).toContain("These commands publish it:\n  git push --atomic origin main v0.9.0\n");
  expect(clone.git("log", "-1", "--format=%s")).toBe("Release 0.9.0\n");
  expect(clone.git("status", "--porcelain")).toBe("");
  expect(clone.git("cat-file", "-p", "v0.9.0")).toContain("### Added");
  const packed = execFileSync("tar", ["-xzOf", tarball, "package/package.json"]);
  expect(JSON.parse(packed.toString()).version).toBe("0.9.0");
  const again = clone.release(version);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain("found the tag v0.9.0; name another version");
  expect(again.stderr).toContain('expected changes under "## Unreleased"');
});

describe("the package", () => {
  test("contains what its users need: compiled code, the functions' code, the CLI and the documents", () => {
    const expected = [
      /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
      /^docs\/(?:decisions\/)?[\w-]+\.md$/,
      /^docs\/(?:openapi|tagrelay\.schema)\.json$/,
      /^functions\/cli\/tagrelay\.js$/,
      /^dist\/(?:package\.json|tagrelay\.yaml|docs\/openapi\.json)$/,
      /^dist\/(?:functions|shared|infra)\/.*\.js$/,
      /^dist\/(?:shared|infra)\/.*\.d\.ts$/,
      /^dist\/shared\/http\/pages\/assets\/[\w-]+\.(?:css|js|svg)$/,
      /^dist\/bundles\/LICENSES\.txt$/,
      ...functionNames.map(
        (name) => new RegExp(`^dist/bundles/${name}/(?:code/index\\.mjs|index\\.mjs\\.map)$`),
      ),
      /^dist\/bundles\/webhook\/code\/(?:openapi\.json|assets\/[\w-]+\.(?:css|js|svg))$/,
    ];
    const paths = installed.files.map(({ path }) => path);
    expect(paths.filter((path) => !expected.some((pattern) => pattern.test(path)))).toEqual([]);
    for (const pattern of expected) expect(paths.filter((path) => pattern.test(path))).not.toEqual([]);
    // What needs the sources or esbuild.
    expect(paths.filter((path) => /infra\/(?:app|bundle\/build)\.|leave-out|licenses-of/.test(path))).toEqual(
      [],
    );
  });

  test("stays under 2 MB packed and 7 MB unpacked, in fewer than 900 files", () => {
    const { files } = installed;
    expect(statSync(tarball).size).toBeLessThan(2_000_000);
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(7_000_000);
    expect(files.length).toBeLessThan(900);
  });

  test("brings neither esbuild nor the CDK along, and names no folder of the machine that it was made on", () => {
    for (const name of ["esbuild", "aws-cdk-lib", "typescript"]) {
      expect(existsSync(join(installed.plain, "node_modules", name))).toBe(false);
    }
    const of = join(installed.plain, "node_modules/tagrelay");
    for (const { path } of installed.files) {
      const text = readFileSync(join(of, path), "utf8");
      expect([path, text.includes(root), text.includes(clone.path)]).toEqual([path, false, false]);
    }
  });

  // In the clone of this test, node_modules is a link.
  test("has source maps whose paths begin at the root of the repository", () => {
    for (const name of functionNames) {
      const file = join(installed.plain, "node_modules/tagrelay/dist/bundles", name, "index.mjs.map");
      const { sources } = z
        .object({ sources: z.array(z.string()) })
        .parse(JSON.parse(readFileSync(file, "utf8")));
      expect(sources).toContain(`functions/${name}/main.ts`);
      expect(sources.filter((one) => !existsSync(join(root, one)))).toEqual([]);
      expect(sources.filter((one) => !/^(?:functions|shared|infra|node_modules)\//.test(one))).toEqual([]);
    }
  });
});

describe("a CDK app", () => {
  const synth = async (file: string, node: string) => {
    const outdir = join(installed.cdk, `${file}.out`);
    // The CDK's own validation takes most of the time, and its findings are printed: one app has it, like those of users.
    const env = { PATH: process.env.PATH, CDK_OUTDIR: outdir, CDK_VALIDATION: String(file === "app.ts") };
    const { stderr } = await run(node, [file], { cwd: installed.cdk, env });
    expect(stderr).toBe("");
    return outdir;
  };
  const codeIn = (outdir: string) =>
    readdirSync(outdir)
      .filter((name) => name.startsWith("asset."))
      .map((name) => readFileSync(join(outdir, name, "index.mjs"), "utf8"))
      .sort();

  beforeAll(() => {
    for (const file of ["app.ts", "tagrelay.yaml"]) {
      copyFileSync(join(root, "examples/cdk", file), join(installed.cdk, file));
    }
    writeFileSync(join(installed.cdk, "tsconfig.json"), JSON.stringify(tsconfig));
    writeFileSync(join(installed.cdk, "mistakes.cts"), mistakes);
    writeFileSync(join(installed.cdk, "app.cjs"), commonJs);
    writeFileSync(join(installed.cdk, "app.mjs"), esModule);
  });

  test("in TypeScript has the types of all that it uses, and its mistakes are found", async () => {
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], { cwd: installed.cdk });
  });

  test("in TypeScript deploys the code that the clone builds", async () => {
    const own = (["webhook", "schedule"] as const).map((name) => {
      const { directory, remove } = bundleFunction(name, readConfig(join(root, "tagrelay.yaml")));
      const code = readFileSync(join(directory, "index.mjs"), "utf8");
      remove();
      return code;
    });
    expect(codeIn(await synth("app.ts", installed.nodes[24]))).toEqual(own.sort());
  });

  test.each([
    ["CommonJS", "app.cjs", 22],
    ["ES modules", "app.mjs", 24],
  ] as const)("in JavaScript with %s synthesizes: %s on Node %i", async (_kind, file, major) => {
    const outdir = await synth(file, installed.nodes[major]);
    expect(codeIn(outdir)).toHaveLength(2);
    const template = readFileSync(join(outdir, "Images.template.json"), "utf8");
    expect(template).toContain('"Runtime": "nodejs24.x"');
  });
});

describe.each([22, 24] as const)("the command on Node %i", (major) => {
  const tagrelay = (...args: string[]) => {
    const file = join(installed.plain, "node_modules/tagrelay/functions/cli/tagrelay.js");
    return [installed.nodes[major], [file, ...args]] as const;
  };
  const makeEmpty = (name: string) => {
    const folder = join(installed.plain, `${name}-${major}`);
    mkdirSync(folder);
    return folder;
  };
  let child: ChildProcess | null = null;
  const start = (cwd: string, ...args: string[]) => {
    const [file, all] = tagrelay("start", "--port", "0", ...args);
    const started = spawn(file, all, { cwd, env: { PATH: process.env.PATH } });
    child = started;
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (data) => (output += data));
    return () => output;
  };
  afterAll(() => child?.kill());

  test("runs the version that was packed, and prints no warning", async () => {
    const [file, args] = tagrelay("--version");
    expect(await run(file, args)).toEqual({ stdout: `${version}\n`, stderr: "" });
  });

  test("checks a configuration", async () => {
    const [file, args] = tagrelay("validate", join(root, "examples/sequence/tagrelay.yaml"));
    expect((await run(file, args)).stdout).toContain("1 pipeline");
  });

  test("`start` in an empty folder runs the sample and serves its pages", async () => {
    const output = start(makeEmpty("empty"));
    await until(() => / done in /.test(output()), "the first step of the sample is done", 60_000);
    expect(output()).toContain("There is no tagrelay.yaml here, so these are the sample's pipelines.\n");
    expect(output()).not.toMatch(/warn/i);
    const origin = /listening on (\S+)/.exec(output())?.[1] ?? "";
    const page = await (await fetch(origin)).text();
    const [, styles = ""] = /href="(\/assets\/[^"]+\.css)/.exec(page) ?? [];
    expect((await fetch(new URL(styles, origin))).status).toBe(200);
    child?.kill("SIGKILL");
  });

  test("`start --live` runs commands, whose supervisor is a process of its own", async () => {
    const folder = makeEmpty("commands");
    const steps = {
      one: { image: "acme/one:1", done: "built", trigger: { command: { run: "echo built > built" } } },
    };
    writeFileSync(join(folder, "tagrelay.yaml"), JSON.stringify({ pipelines: { images: { steps } } }));
    const output = start(folder, "--live");
    await until(() => output().includes("listening on"), "the program listens", 30_000);
    const origin = /listening on (\S+)/.exec(output())?.[1] ?? "";
    const [, token = ""] = /API token {2}(\S+)/.exec(output()) ?? [];
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${origin}/api/pipelines/images/runs`, { method: "POST", headers });
    expect(answer.status).toBe(201);
    await until(() => existsSync(join(folder, "built")), "the command has run", 30_000);
    child?.kill("SIGKILL");
  });
});

test("npx finds the command where the package is installed", () => {
  const stdout = execFileSync("npx", ["tagrelay", "graph", "--config", join(root, "tagrelay.yaml")], {
    cwd: installed.plain,
    encoding: "utf8",
  });
  expect(stdout).toContain("void-docker");
});
