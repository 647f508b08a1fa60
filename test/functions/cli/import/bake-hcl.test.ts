// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of HCL.
import { describe, expect, test } from "vitest";
import { bakeBuilds } from "../../../../functions/cli/import/bake.ts";
import { readBakeFile } from "../../../../functions/cli/import/bake-file.ts";
import type { Note } from "../../../../functions/cli/import/imported.ts";

function buildsOf(text: string) {
  const notes: Note[] = [];
  const builds = bakeBuilds(readBakeFile(text, "a bake file"), notes);
  return {
    builds: new Map(builds.map((build) => [build.label, build])),
    notes: notes.map((note) => note.text),
  };
}

const family = `
# A comment; // another one, and /* a third */
variable "REGISTRY" { default = "quay.io" }
variable OWNER {
  default     = "acme"
  description = "who owns the images"
  validation { condition = OWNER != "" }
}
variable "VERSION" {}
variable "IMAGE" { default = "\${REGISTRY}/\${OWNER}" }
function "tags" {
  params = [name]
  result = [
    "\${IMAGE}/\${name}:\${VERSION == "" ? "latest" : VERSION}",
    VERSION == "" ? "" : "\${IMAGE}/\${name}:latest",
  ]
}
group "default" { targets = ["base", "apps"] }
target "_common" {
  platforms = ["linux/amd64", "linux/arm64"]
  args      = { OWNER = OWNER, LEVEL = 1 }
}
target "base" {
  inherits   = ["_common"]
  context    = "images/base"
  dockerfile = "base.Dockerfile"
  args       = { LEVEL = 2, EMPTY = null }
  tags       = tags("base")
}
target "apps" {
  name     = "app-\${item.name}-\${replace(version, ".", "-")}"
  matrix   = { item = [{ name = "web", folder = "w" }, { name = "api", folder = "a" }], version = ["1.0", "2.0"] }
  inherits = ["_common"]
  context  = "images/\${item.folder}"
  contexts = { base = "target:base" }
  target   = version == "1.0" ? "old" : "new"
  tags     = ["\${IMAGE}/\${item.name}:\${version}"]
  args     = { VERSION = version }
}
`;

describe("docker-bake.hcl", () => {
  test("gives each target with its variables, functions, inheritance and matrix", () => {
    const { builds, notes } = buildsOf(family);
    expect([...builds.keys()]).toEqual([
      "_common",
      "base",
      "app-web-1-0",
      "app-web-2-0",
      "app-api-1-0",
      "app-api-2-0",
    ]);
    expect(builds.get("base")).toMatchObject({
      images: ["quay.io/acme/base:latest"],
      context: "images/base",
      path: "images/base/base.Dockerfile",
      args: new Map([
        ["OWNER", "acme"],
        ["LEVEL", "2"],
      ]),
      platforms: ["linux/amd64", "linux/arm64"],
    });
    expect(builds.get("app-api-2-0")).toMatchObject({
      images: ["quay.io/acme/api:2.0"],
      path: "images/a/Dockerfile",
      target: "new",
      contexts: new Map([["base", "target:base"]]),
      args: new Map([
        ["OWNER", "acme"],
        ["LEVEL", "1"],
        ["VERSION", "2.0"],
      ]),
    });
    expect(notes).toEqual([]);
  });

  test("in JSON means the same", () => {
    const json = {
      variable: { OWNER: { default: "acme" } },
      function: { tag: { params: ["${name}"], result: "${OWNER}/${name}:1" } },
      target: {
        base: { context: "base", tags: ['${tag("base")}'] },
        app: {
          matrix: { v: ["1", "2"] },
          name: "app-${v}",
          contexts: { base: "target:base" },
          tags: ["${OWNER}/app:${v}"],
        },
      },
    };
    const { builds } = buildsOf(JSON.stringify(json));
    expect([...builds.values()].map(({ images }) => images[0])).toEqual([
      "acme/base:1",
      "acme/app:1",
      "acme/app:2",
    ]);
  });

  test("keeps what is known of a target of which a part is not, and says so", () => {
    const { builds, notes } = buildsOf(
      'target "a" {\n tags = ["acme/a:1", "acme/a:${timestamp()}"]\n args = { A = file("x"), B = 1 }\n}',
    );
    expect(builds.get("a")).toMatchObject({ images: ["acme/a:1"], args: new Map([["B", "1"]]) });
    expect(notes).toEqual(["a: parts of tags, args cannot be known without a build; check them"]);
  });

  test("with a cycle of variables or functions leaves those unknown", () => {
    const { builds } = buildsOf(
      'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "a" { tags = ["acme/a:${A}", "acme/a:2"] }',
    );
    expect(builds.get("a")?.images).toEqual(["acme/a:2"]);
  });

  test.each([
    ['target "a" {', "expected a name in line 1"],
    ['target "a" { tags = [ }', "expected"],
    ['target "a" { inherits = ["b"] }', '"a" inherits from "b", which does not exist'],
    ['target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a"] }', '"a" → "b" → "a"'],
    [
      'target "a" { matrix = { x = range(100), y = range(100) } }',
      'expected at most 5000 targets, found more; make the matrix of "a" smaller',
    ],
  ])("is refused if it is %s", (text, message) => {
    expect(() => buildsOf(text)).toThrow(message);
  });
});
