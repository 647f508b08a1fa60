// `tagrelay stale` against a registry on a real HTTP server.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answering } from "../../../stand-ins/any-server.ts";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type ImageRegistry, startImageRegistry } from "../../../stand-ins/image-registry.ts";

let registry: ImageRegistry;
let folder: string;
beforeEach(async () => {
  registry = await startImageRegistry();
  folder = await mkdtemp(join(tmpdir(), "tagrelay-stale-"));
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const image = (name: string) => `${registry.host}/acme/${name}:latest`;
const push = (name: string, layers: string[], options = {}) =>
  registry.images.push(`acme/${name}:latest`, layers, options);
const stale = (...args: string[]) => tagrelay(["stale", ...args], { cwd: folder });

describe("a folder of Dockerfiles", () => {
  beforeEach(() => {
    write("base/Dockerfile", `FROM ${image("os")}\n`);
    write(
      "api/Dockerfile",
      `FROM ${image("tools")} AS build\nFROM ${image("base")}\nCOPY --from=build /a /a\n`,
    );
    write("web/Dockerfile", `FROM ${image("api")}\n`);
    push("tools", ["tools"]);
    push("os", ["os"]);
    push("base", ["os", "base"]);
    push("api", ["os", "base", "api"]);
    push("web", ["os", "base", "api", "web"]);
  });

  test("is fresh if each image stands on the base of its last stage", async () => {
    const { code, stdout } = await stale(".", "--json");
    expect(JSON.parse(stdout)).toEqual({
      images: [
        { image: image("base"), state: "fresh", because: [] },
        {
          image: image("api"),
          state: "fresh",
          because: [`nothing tells whether it is built from the current ${image("tools")}`],
        },
        { image: image("web"), state: "fresh", because: [] },
      ],
    });
    expect(code).toBe(0);
  });

  test("is stale where a base was pushed again, and behind from there on", async () => {
    const digest = push("os", ["new os"]);
    const { code, stdout } = await stale(".", "--json");
    expect(JSON.parse(stdout).images).toMatchObject([
      {
        image: image("base"),
        state: "stale",
        because: [`stands on another version of ${image("os")}, which is ${digest.slice(0, 19)} now`],
      },
      { image: image("api"), state: "behind", because: [`${image("base")} is stale`] },
      { image: image("web"), state: "behind", because: [`${image("api")} is behind`] },
    ]);
    expect(code).toBe(1);
  });

  test("is shown as a table, with the stale images first", async () => {
    push("base", ["os", "base again"]);
    const { code, stdout } = await stale();
    const lines = stdout.trim().split("\n");
    expect(lines.map((line) => line.split(/\s+/).slice(0, 2))).toEqual([
      ["stale", image("api")],
      ["behind", image("web")],
      ["fresh", image("base")],
      ["3", "images"],
    ]);
    expect(lines.at(-1)).toBe(`3 images at ${registry.host}: 1 stale, 1 behind, 1 fresh`);
    expect(code).toBe(1);
  });

  test("is not told if its registry cannot be read, with the reason and another exit code", async () => {
    registry.answer = answering(503);
    const { code, stdout } = await stale();
    expect(stdout).toContain(`${registry.host} answered 503`);
    expect(stdout).toContain("3 unknown");
    expect(code).toBe(2);
  });

  test("is not told where an image is missing", async () => {
    registry.images.tag("acme/web:latest", "sha256:gone");
    const { code, stdout } = await stale(".", "--json");
    expect(JSON.parse(stdout).images[2]).toMatchObject({
      state: "unknown",
      because: [`${image("web")} is not at its registry`],
    });
    expect(code).toBe(2);
  });
});

describe("tagrelay why", () => {
  beforeEach(() => {
    write("base/Dockerfile", `FROM ${image("os")}\n`);
    write("api/Dockerfile", `FROM ${image("base")}\n`);
    write("other/Dockerfile", `FROM ${image("os")}\n`);
    push("os", ["os"]);
    push("base", ["os", "base"]);
    push("api", ["os", "base", "api"]);
  });
  const why = (...args: string[]) => tagrelay(["why", ...args], { cwd: folder });

  test("shows what tells that an image is fresh", async () => {
    const { code, stdout } = await why(image("api"));
    expect(stdout.trim().split("\n")).toEqual([
      `${image("api")}  fresh`,
      `  ${image("base")}  fresh`,
      `    ${image("os")}  upstream`,
    ]);
    expect(code).toBe(0);
    expect(registry.paths().join()).not.toContain("acme/other");
  });

  test("shows which base is to blame", async () => {
    push("os", ["new os"]);
    const { code, stdout } = await why(image("api").replace(":latest", ""), ".", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      image: image("api"),
      state: "behind",
      bases: [{ image: image("base"), state: "stale", bases: [{ image: image("os"), state: "upstream" }] }],
    });
    expect(code).toBe(1);
  });

  test("says which image is meant", async () => {
    const { code, stderr } = await why(image("apl"));
    expect(stderr).toContain(`found "${image("apl")}"; did you mean "${image("api")}"?`);
    expect(code).toBe(2);
  });
});

describe("tagrelay affected", () => {
  beforeEach(() => {
    write("base/Dockerfile", "FROM debian:bookworm-slim\n");
    write("api/Dockerfile", `FROM ${image("base")}\n`);
    write("web/Dockerfile", `FROM ${image("api")}\n`);
  });
  const affected = (...args: string[]) => tagrelay(["affected", ...args], { cwd: folder });

  test("lists what is built from an image, also from one of others, without asking a registry", async () => {
    const { code, stdout } = await affected("debian:bookworm-slim");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      [image("base"), "from library/debian:bookworm-slim"],
      [image("api"), `from ${image("base")}`],
      [image("web"), `from ${image("api")}`],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse((await affected(image("api"), ".", "--json")).stdout)).toEqual({
      images: [{ image: image("web"), because: [image("api")] }],
    });
    expect(registry.asked).toEqual([]);
  });

  test("says so if nothing is", async () => {
    expect((await affected(image("web"))).stdout).toBe(`nothing is built from ${image("web")}\n`);
  });
});

describe("a configuration", () => {
  const config = () =>
    write(
      "tagrelay.yaml",
      `registries: { "${registry.host}": { login: { username: ci, secret: TOKEN } } }
pipelines:
  family:
    trigger: { http: { url: "http://127.0.0.1:1/build" } }
    steps:
      base: { image: "${image("base")}", upstream: "${image("os")}" }
      api: { image: "${image("api")}", after: base }
`,
    );

  test.each<[string, () => Record<string, string>]>([
    ["the environment", () => ({ TOKEN: "secret" })],
    [
      ".env",
      () => {
        writeFileSync(join(folder, ".env"), "TOKEN=secret\n", { mode: 0o600 });
        return {};
      },
    ],
    [
      "a file that TOKEN_FILE names",
      () => {
        write("secrets/token", "secret\n");
        return { TOKEN_FILE: "secrets/token" };
      },
    ],
    [
      "a credential of systemd",
      () => {
        write("credentials/TOKEN", "secret\n");
        return { CREDENTIALS_DIRECTORY: join(folder, "credentials") };
      },
    ],
  ])("is read where there is one, with its logins, whose secrets are in %s", async (_name, env) => {
    config();
    push("os", ["os"]);
    push("base", ["os", "base"]);
    push("api", ["os", "base", "api"]);
    const { answer } = registry;
    const basic = `Basic ${Buffer.from("ci:secret").toString("base64")}`;
    registry.answer = (response) => {
      const { authorization } = registry.asked.at(-1)?.headers ?? {};
      if (authorization !== basic) response.writeHead(401, { "www-authenticate": "Basic" }).end();
      else answer(response);
    };
    const options = { cwd: folder, env: env() };
    const { code, stdout } = await tagrelay(["stale"], options);
    expect(stdout).toContain("2 fresh");
    expect(code).toBe(0);
    expect((await tagrelay(["why", image("api")], options)).code).toBe(0);
  });

  test("may be named", async () => {
    config();
    push("os", ["os"]);
    push("base", ["older os", "base"]);
    push("api", ["older os", "base", "api"]);
    for (const args of [["tagrelay.yaml"], ["--config", "tagrelay.yaml"]]) {
      const { code, stdout } = await stale(...args);
      expect(stdout).toContain("1 stale, 1 behind");
      expect(code).toBe(1);
    }
  });
});

test("a folder without a configuration is read whoever else can read its .env", async () => {
  write("base/Dockerfile", `FROM ${image("os")}\n`);
  write("api/Dockerfile", `FROM ${image("base")}\n`);
  writeFileSync(join(folder, ".env"), "PORT=80\n", { mode: 0o644 });
  push("os", ["os"]);
  push("base", ["os", "base"]);
  push("api", ["os", "base", "api"]);
  expect((await stale(".")).code).toBe(0);
});

test("since when an image is stale is told by when its base was made", async () => {
  write("api/Dockerfile", `FROM ${image("base")}\n`);
  write("base/Dockerfile", "FROM scratch\n");
  push("base", ["os"], { created: "2026-01-02T03:04:05Z" });
  push("api", ["older os", "api"]);
  const { stdout } = await stale(".", "--json");
  expect(JSON.parse(stdout).images).toMatchObject([
    { image: image("base"), state: "fresh" },
    { image: image("api"), state: "stale", since: "2026-01-02T03:04:05.000Z" },
  ]);
});

test("a folder without anything to read is wrong usage", async () => {
  const { code, stderr } = await stale(".");
  expect(stderr).toContain("expected a folder with Dockerfiles, found none");
  expect(code).toBe(2);
});

test("a folder whose namespace nothing tells is wrong usage: its images could not be looked up", async () => {
  const { code, stderr } = await tagrelay(["stale", "test/fixtures/import/unnamed"]);
  expect(code).toBe(2);
  expect(stderr).toContain("set it with --namespace NAME");
});
