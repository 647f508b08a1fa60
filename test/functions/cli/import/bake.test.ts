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

  test("notes a missing Dockerfile, a remote context, a matrix and an unknown target", () => {
    const notes = notesOf(
      importTargets({
        a: { tags: ["acme/a"], contexts: { x: "target:none" } },
        b: { tags: ["acme/b"], context: "https://github.com/acme/b.git", matrix: {} },
      }),
    );
    expect(notes).toContain("a: Dockerfile does not exist, so what it is built from is unknown");
    expect(notes).toContain('a has the context "none", which is not built here');
    expect(notes).toContain("b: its context is outside this folder");
    expect(notes).toContain("b: the matrix was not imported");
  });

  test.each([
    [{ a: { inherits: ["b"] }, b: { inherits: ["a"] } }, 'each inherits from the next: "a" → "b" → "a"'],
    [{ a: { inherits: "x" } }, '"a" inherits from "x", which does not exist'],
    [
      {
        a: { tags: ["acme/a"], contexts: { b: "target:b" } },
        b: { tags: ["acme/b"], contexts: { a: "target:a" } },
      },
      'each is built from the next: "a" → "b" → "a"',
    ],
    [{ a: { tags: ["ghcr.io/acme/A"] } }, "expected targets with tags, found none"],
    [{ a: { tags: ["a"] } }, '"a" has no namespace; set it with --namespace NAME'],
    [{ a: { tags: "a" } }, "target.a.tags: expected a list"],
  ])("is refused if its targets are %j", (target, message) => {
    expect(() => importTargets(target)).toThrow(message);
  });

  test("is refused if a target is called __proto__", () => {
    const text = '{"target": {"__proto__": {"tags": ["acme/a"]}}}';
    expect(() => importBake(text, viewOf({}), options)).toThrow('found the name "__proto__"');
  });
});
