// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a compose file look like that.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importCompose } from "../../../../functions/cli/import/compose.ts";
import { viewFolder } from "../../../../functions/cli/import/disk-view.ts";
import { root } from "../../../stand-ins/program.ts";
import { viewOf } from "./view.ts";

const options = { namespace: null, tag: null };
const importText = (text: string, files: Record<string, string> = {}, namespace: string | null = null) =>
  importCompose(text, viewOf(files), { namespace, tag: null });
const edgesOf = ({ pipelines }: ReturnType<typeof importCompose>) =>
  Object.fromEntries(pipelines.flatMap(({ steps }) => steps.map(({ image, after }) => [image, after])));
const notesOf = ({ notes }: ReturnType<typeof importCompose>) => notes.map((note) => note.text).join("\n");

describe("a compose file", () => {
  test("becomes a pipeline of the services that are built, by contexts and FROM lines", () => {
    const folder = viewFolder(join(root, "test/fixtures/import/compose"));
    const file = folder.read("compose.yaml");
    const imported = importCompose(file.kind === "text" ? file.text : "", folder, options);
    expect(edgesOf(imported)).toEqual({
      "acme/base:latest": [],
      "acme/web:latest": ["base"],
      "acme/tools:latest": ["base"],
    });
    expect(notesOf(imported)).toContain("web: depends_on is not carried over");
  });

  test("has build arguments and inline Dockerfiles, as maps and as lists, with Windows line ends", () => {
    const text = [
      "services:",
      "  base: { image: acme/base:1, build: { dockerfile_inline: FROM scratch } }",
      '  a: { image: acme/a, build: { dockerfile_inline: "ARG B\\nFROM $B", args: { B: acme/base:1 } } }',
      '  b: { image: acme/b, build: { dockerfile_inline: "ARG B\\nFROM $B", args: [B=acme/base:1] } }',
    ].join("\r\n");
    const edges = edgesOf(importText(text));
    expect(edges).toEqual({ "acme/base:1": [], "acme/a:latest": ["base"], "acme/b:latest": ["base"] });
  });

  test("with images that have no namespace gets it from --namespace, and FROM lines still find them", () => {
    const text = "services: { base: { image: base, build: . }, web: { build: ./web } }";
    const files = { Dockerfile: "FROM scratch", "web/Dockerfile": "FROM base" };
    expect(edgesOf(importText(text, files, "acme"))).toEqual({
      "acme/base:latest": [],
      "acme/web:latest": ["base"],
    });
    expect(() => importText(text, files)).toThrow("--namespace tells where it is pushed to");
  });

  test("with services that share an image has one step for them", () => {
    const imported = importText(
      "services: { app: { image: acme/app, build: . }, worker: { image: acme/app, build: . }, web: { image: acme/web, build: { dockerfile_inline: FROM x, additional_contexts: [x=service:worker] } } }",
      { Dockerfile: "FROM scratch" },
    );
    expect(edgesOf(imported)).toEqual({ "acme/app:latest": [], "acme/web:latest": ["app"] });
    expect(notesOf(imported)).toContain("worker is pushed as acme/app:latest, as app is: they are one step");
  });

  test("has services called as anything that JavaScript knows", () => {
    const text =
      "services: { constructor: { image: acme/a, build: . }, toString: { image: acme/b, build: . } }";
    expect(Object.keys(edgesOf(importText(text, { Dockerfile: "FROM scratch" })))).toEqual([
      "acme/a:latest",
      "acme/b:latest",
    ]);
  });

  test("does not tell the values of its arguments and variables", () => {
    const text =
      "services: { a: { image: 'acme/a:${T:-1}', build: { context: ., args: { TOKEN: s3cr3t } }, environment: { K: s3cr3t } } }";
    expect(JSON.stringify(importText(text, { Dockerfile: "FROM scratch" }))).not.toContain("s3cr3t");
  });

  test.each([
    ["", "found an empty file"],
    ["hello", "found YAML that is no map"],
    ["a: [", "found what is not YAML in line 1"],
    ["services: []", "services: expected a map, found an empty list"],
    ["services: { a: { image: postgres } }", "give a service a build and an image"],
    [
      "services: { a: { image: 'acme/a:${TAG}', build: . } }",
      'its image is told by "TAG", which has no default',
    ],
    ["services: { __proto__: { image: acme/a, build: . } }", 'found the name "__proto__" in it'],
    [
      "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]",
      "found YAML that cannot be read",
    ],
  ])("is refused where it is %.40s", (text, message) => {
    expect(() => importText(text)).toThrow(message);
  });
});
