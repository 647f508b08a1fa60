// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in compose files.
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
  test("becomes a pipeline of the services that are built, according to contexts and FROM lines", () => {
    const folder = viewFolder(join(root, "test/fixtures/import/compose"));
    const file = folder.read("compose.yaml");
    const imported = importCompose(file.kind === "text" ? file.text : "", folder, options);
    expect(edgesOf(imported)).toEqual({
      "acme/base:latest": [],
      "acme/web:latest": ["base"],
      "acme/tools:latest": ["base"],
    });
    expect(notesOf(imported)).toContain("web: depends_on was not imported");
  });

  test("can have build arguments as maps or lists, inline Dockerfiles, and Windows line ends", () => {
    const text = [
      "services:",
      "  base: { image: acme/base:1, build: { dockerfile_inline: FROM scratch } }",
      '  a: { image: acme/a, build: { dockerfile_inline: "ARG B\\nFROM $B", args: { B: acme/base:1 } } }',
      '  b: { image: acme/b, build: { dockerfile_inline: "ARG B\\nFROM $B", args: [B=acme/base:1] } }',
    ].join("\r\n");
    const edges = edgesOf(importText(text));
    expect(edges).toEqual({ "acme/base:1": [], "acme/a:latest": ["base"], "acme/b:latest": ["base"] });
  });

  test("with images without a namespace gets it from --namespace, and FROM lines still match them", () => {
    const text = "services: { base: { image: base, build: . }, web: { build: ./web } }";
    const files = { Dockerfile: "FROM scratch", "web/Dockerfile": "FROM base" };
    expect(edgesOf(importText(text, files, "acme"))).toEqual({
      "acme/base:latest": [],
      "acme/web:latest": ["base"],
    });
    const imported = importText(text, files);
    expect(edgesOf(imported)).toEqual({
      "your-namespace/base:latest": [],
      "your-namespace/web:latest": ["base"],
    });
    expect(imported.tally?.open.join()).toContain("set it with --namespace NAME");
  });

  test("with services that share an image gets one step for them", () => {
    const imported = importText(
      "services: { app: { image: acme/app, build: . }, worker: { image: acme/app, build: . }, web: { image: acme/web, build: { dockerfile_inline: FROM x, additional_contexts: [x=service:worker] } } }",
      { Dockerfile: "FROM scratch" },
    );
    expect(edgesOf(imported)).toEqual({ "acme/app:latest": [], "acme/web:latest": ["app"] });
    expect(notesOf(imported)).toContain(
      "worker and app are both pushed as acme/app:latest; they became one step",
    );
  });

  test("can have services named like properties of JavaScript objects", () => {
    const text =
      "services: { constructor: { image: acme/a, build: . }, toString: { image: acme/b, build: . } }";
    expect(Object.keys(edgesOf(importText(text, { Dockerfile: "FROM scratch" })))).toEqual([
      "acme/a:latest",
      "acme/b:latest",
    ]);
  });

  test("does not show the values of its arguments and variables", () => {
    const text =
      "services: { a: { image: 'acme/a:${T:-1}', build: { context: ., args: { TOKEN: s3cr3t } }, environment: { K: s3cr3t } } }";
    expect(JSON.stringify(importText(text, { Dockerfile: "FROM scratch" }))).not.toContain("s3cr3t");
  });

  test("with an unknown tag keeps what is known of the image, and says so", () => {
    const imported = importText("services: { a: { image: 'acme/a:${TAG}', build: . } }", {
      Dockerfile: "FROM scratch",
    });
    expect(edgesOf(imported)).toEqual({ "acme/a:latest": [] });
    expect(notesOf(imported)).toContain('its image contains "TAG", which has no default');
  });

  test.each([
    ["", "found an empty file"],
    ["hello", "found YAML that is not a map"],
    ["a: [", "found invalid YAML in line 1"],
    ["services: []", "services: expected a map, found an empty list"],
    ["services: { a: { image: postgres } }", "give a service a build and an image"],
    ["services: { __proto__: { image: acme/a, build: . } }", 'found the name "__proto__"'],
    [
      "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]",
      "found YAML that cannot be read",
    ],
  ])("is refused if it is %.40s", (text, message) => {
    expect(() => importText(text)).toThrow(message);
  });
});
