// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in bake files.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importBake } from "../../../../functions/cli/import/bake.ts";
import { viewFolder } from "../../../../functions/cli/import/disk-view.ts";
import { root } from "../../../stand-ins/program.ts";
import { viewOf } from "./view.ts";

const options = { namespace: null, tag: null };
const importTargets = (target: unknown, files: Record<string, string> = {}, more: object = {}) =>
  importBake(JSON.stringify({ target, ...more }), viewOf(files), options);
const edgesOf = ({ pipelines }: ReturnType<typeof importBake>) =>
  Object.fromEntries(pipelines.flatMap(({ steps }) => steps.map(({ image, after }) => [image, after])));
const notesOf = ({ notes }: ReturnType<typeof importBake>) => notes.map((note) => note.text).join("\n");

describe("docker-bake.json", () => {
  test("becomes a pipeline according to its contexts, Dockerfiles and inheritance", () => {
    const folder = viewFolder(join(root, "test/fixtures/import/bake"));
    const file = folder.read("docker-bake.json");
    const imported = importBake(file.kind === "text" ? file.text : "", folder, options);
    expect(edgesOf(imported)).toEqual({
      "acme/base:1.0": [],
      "acme/api:1.0": ["base"],
      "acme/web:1.0": ["api"],
    });
    expect(notesOf(imported)).toContain(
      "base: imported only acme/base:1.0, and not its other tags (acme/base:latest)",
    );
  });

  test.each([
    ["type=image,name=acme/base,push=true", ["acme/base:latest"]],
    ['type=image,"name=acme/base:1,acme/base:2",push=true', ["acme/base:1"]],
    [{ type: "image", name: "acme/base:1", push: true }, ["acme/base:1"]],
  ])("takes the name of an image from the output %j", (output, images) => {
    const imported = importTargets({ base: { output: [output], "dockerfile-inline": "FROM scratch" } });
    expect(imported.pipelines.flatMap(({ steps }) => steps.map(({ image }) => image))).toEqual(images);
  });

  test("replaces a target without tags by what that target is built from", () => {
    const imported = importTargets(
      {
        base: { tags: ["acme/base"], "dockerfile-inline": "FROM scratch" },
        middle: { contexts: { b: "target:base" }, "dockerfile-inline": "FROM b" },
        web: { context: "target:middle", tags: ["acme/web:${TAG}"], "dockerfile-inline": "FROM scratch" },
      },
      {},
      { variable: { TAG: { default: 2 } } },
    );
    expect(edgesOf(imported)).toEqual({ "acme/base:latest": [], "acme/web:2": ["base"] });
    expect(notesOf(imported)).toContain("middle is not pushed to any tag: it is not a step, but part");
  });

  test("reads the Dockerfile that a target names, up to the stage that it names", () => {
    const imported = importTargets(
      {
        base: { tags: ["acme/base"], context: "./a", dockerfile: "base.Dockerfile" },
        web: { tags: ["acme/web"], target: "one" },
      },
      { "a/base.Dockerfile": "FROM alpine", Dockerfile: "FROM alpine AS one\nFROM acme/base" },
    );
    expect(edgesOf(imported)).toEqual({ "acme/base:latest": [], "acme/web:latest": [] });
  });

  test("notes a missing Dockerfile, a remote context and an unknown target", () => {
    const notes = notesOf(
      importTargets({
        a: { tags: ["acme/a"], contexts: { x: "target:none" } },
        b: { tags: ["acme/b"], context: "https://github.com/acme/b.git", matrix: {} },
      }),
    );
    expect(notes).toContain("a: Dockerfile does not exist, so what it is built from is unknown");
    expect(notes).toContain('a has the context "none", which is not built here');
    expect(notes).toContain("b: its context is outside this folder");
  });

  test.each([
    [{ a: { inherits: ["b"] }, b: { inherits: ["a"] } }, 'each inherits from the next: "a" → "b" → "a"'],
    [{ a: { inherits: "x" } }, '"a" inherits from "x", which does not exist'],
    [{ a: { tags: ["ghcr.io/acme/A"] } }, "expected targets with tags, found none"],
  ])("is refused if its targets are %j", (target, message) => {
    expect(() => importTargets(target)).toThrow(message);
  });

  test("has a link of a cycle left out, which is left to decide", () => {
    const imported = importTargets({
      a: { tags: ["acme/a"], contexts: { b: "target:b" } },
      b: { tags: ["acme/b"], contexts: { a: "target:a" } },
    });
    expect(edgesOf(imported)).toEqual({ "acme/a:latest": ["b"], "acme/b:latest": [] });
    expect(imported.tally?.open).toEqual([
      'each of these is built from the next: "a" → "b" → "a"; the link from "b" to "a" was left out to break the cycle',
    ]);
  });

  test("can have tags without a namespace, which get a placeholder that is left to decide", () => {
    const imported = importTargets({ a: { tags: ["a:1"] } });
    expect(edgesOf(imported)).toEqual({ "your-namespace/a:1": [] });
    expect(imported.tally?.open.join()).toContain("set it with --namespace NAME");
  });

  test("whose targets have no tags at all names the images for the targets", () => {
    const targets = {
      _common: { args: { A: "1" } },
      base: { inherits: ["_common"], "dockerfile-inline": "FROM scratch" },
      web: { contexts: { base: "target:base" }, "dockerfile-inline": "FROM base" },
    };
    const imported = importBake(JSON.stringify({ target: targets }), viewOf({}), {
      namespace: "acme",
      tag: null,
    });
    expect(edgesOf(imported)).toEqual({ "acme/base:latest": [], "acme/web:latest": ["base"] });
  });

  test("can have lists in place of objects, as the JSON form of HCL allows", () => {
    const text = JSON.stringify({
      group: [{ default: [{ targets: ["a"] }] }],
      target: [
        { a: [{ tags: ["acme/a:1"], "dockerfile-inline": "FROM scratch" }] },
        { b: { inherits: "a", tags: ["acme/b:1"] } },
      ],
    });
    expect(Object.keys(edgesOf(importBake(text, viewOf({}), options)))).toEqual(["acme/a:1", "acme/b:1"]);
  });

  test("can have a target called __proto__", () => {
    const text = '{"target": {"__proto__": {"tags": ["acme/a"], "dockerfile-inline": "FROM scratch"}}}';
    expect(edgesOf(importBake(text, viewOf({}), options))).toEqual({ "acme/a:latest": [] });
  });
});
