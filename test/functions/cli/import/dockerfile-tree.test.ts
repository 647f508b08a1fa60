// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in Dockerfiles.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { viewFolder } from "../../../../functions/cli/import/disk-view.ts";
import { importDockerfiles } from "../../../../functions/cli/import/dockerfile-tree.ts";
import type { NamingOptions } from "../../../../functions/cli/import/imported.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { imageName } from "../../../../shared/image/image.ts";
import { imageSteps } from "../../../../shared/pipeline/pipeline.ts";
import { root } from "../../../stand-ins/program.ts";
import { viewOf } from "./view.ts";

const fixture = (name: string) => viewFolder(join(root, "test/fixtures", name));
const unnamed = { namespace: null, tag: null };
const acme = { namespace: "acme", tag: null };
const importTexts = (texts: Record<string, string>, options: NamingOptions = acme) =>
  importDockerfiles(viewOf(texts), options);

/** The predecessors of each step, by image, as Tagrelay reads the generated YAML. */
function edgesOf(imported: ReturnType<typeof importDockerfiles>): Record<string, string[]> {
  const { pipelines } = compileConfig(parse(yamlText(imported, "a test")));
  return Object.fromEntries(
    pipelines.flatMap((pipeline) => {
      const steps = imageSteps(pipeline);
      const images = new Map(steps.map((step) => [step.name, imageName(step.image)]));
      return steps.map(({ image, after }) => [imageName(image), after.map((name) => images.get(name) ?? "")]);
    }),
  );
}
const notesOf = (imported: ReturnType<typeof importDockerfiles>) => imported.notes.map(({ text }) => text);

describe("a folder with Dockerfiles", () => {
  test("of docker-selenium becomes its graph, with the namespace of its FROM lines", () => {
    const imported = importDockerfiles(fixture("docker-selenium"), unnamed);
    expect(imported.pipelines.map(({ name }) => name)).toEqual(["selenium"]);
    const edges = edgesOf(imported);
    expect(Object.keys(edges)).toHaveLength(18);
    expect(edges).toMatchObject({
      "selenium/base:latest": [],
      "selenium/session-queue:latest": ["selenium/base:latest"],
      "selenium/node-base:latest": ["selenium/base:latest"],
      "selenium/node-chrome:latest": ["selenium/node-base:latest"],
      "selenium/standalone-chrome:latest": ["selenium/node-chrome:latest"],
      "selenium/standalone-docker:latest": ["selenium/node-docker:latest"],
    });
    const { steps } = parse(yamlText(imported, "a test")).pipelines.selenium;
    expect(steps.base).toEqual({ image: "selenium/base:latest" });
    expect(parse(yamlText(imported, "a test")).pipelines.selenium.upstream).toBe("ubuntu:noble");
  });

  test("of Jupyter's docker-stacks becomes its graph at quay.io, which its FROM lines name", () => {
    const imported = importDockerfiles(fixture("docker-stacks"), unnamed);
    expect(edgesOf(imported)).toEqual({
      "quay.io/jupyter/docker-stacks-foundation:latest": [],
      "quay.io/jupyter/base-notebook:latest": ["quay.io/jupyter/docker-stacks-foundation:latest"],
      "quay.io/jupyter/minimal-notebook:latest": ["quay.io/jupyter/base-notebook:latest"],
      "quay.io/jupyter/scipy-notebook:latest": ["quay.io/jupyter/minimal-notebook:latest"],
      "quay.io/jupyter/r-notebook:latest": ["quay.io/jupyter/minimal-notebook:latest"],
      "quay.io/jupyter/julia-notebook:latest": ["quay.io/jupyter/minimal-notebook:latest"],
      "quay.io/jupyter/datascience-notebook:latest": ["quay.io/jupyter/scipy-notebook:latest"],
      "quay.io/jupyter/tensorflow-notebook:latest": ["quay.io/jupyter/scipy-notebook:latest"],
      "quay.io/jupyter/tensorflow-notebook:cuda": ["quay.io/jupyter/scipy-notebook:latest"],
      "quay.io/jupyter/pytorch-notebook:latest": ["quay.io/jupyter/scipy-notebook:latest"],
      "quay.io/jupyter/pyspark-notebook:latest": ["quay.io/jupyter/scipy-notebook:latest"],
      "quay.io/jupyter/all-spark-notebook:latest": ["quay.io/jupyter/pyspark-notebook:latest"],
    });
    expect(notesOf(imported).filter((text) => text.includes("comes from"))).toEqual([
      "the namespace quay.io/jupyter comes from the FROM lines; set another one with --namespace",
    ]);
  });

  test("with images on one base becomes a sequence with a stage and the upstream of the base", () => {
    const imported = importTexts({
      "base/Dockerfile": "FROM debian:12",
      "a/Dockerfile": "FROM acme/base",
      "b/Dockerfile": "FROM acme/base",
    });
    const text = yamlText(imported, "a test");
    expect(parse(text).pipelines.acme).toEqual({
      upstream: "debian:12",
      sequence: ["acme/base:latest", ["acme/a:latest", "acme/b:latest"]],
    });
    expect(text).not.toContain("starts no run");
  });

  test("gives steps their images from elsewhere as upstreams, unless those cannot be looked up", () => {
    const imported = importTexts({
      "base/Dockerfile": "FROM node:24 AS build\nFROM debian:12\nCOPY --from=build /x /x",
      "a/Dockerfile": "FROM acme/base\nCOPY --from=golang:1.25 /go /go",
      "b/Dockerfile": "FROM acme/base\nCOPY --from=ghcr.io/acme/tool:1 /x /x",
      "c/Dockerfile": "FROM acme/base\nCOPY --from=busybox@sha256:0123 /x /x",
    });
    const text = yamlText(imported, "a test");
    expect(parse(text).pipelines.acme.steps).toEqual({
      base: { image: "acme/base:latest", upstream: ["node:24", "debian:12"] },
      a: { image: "acme/a:latest", after: "base", upstream: "golang:1.25" },
      b: { image: "acme/b:latest", after: "base", upstream: "ghcr.io/acme/tool:1" },
      c: { image: "acme/c:latest", after: "base" },
    });
    expect(notesOf(imported)).toContain(
      "acme/c:latest is built from busybox@sha256:0123, which is not built here: a change of it starts no run",
    );
    compileConfig(parse(text));
  });

  test("with unconnected images becomes several pipelines", () => {
    const imported = importTexts({
      "a/Dockerfile": "FROM scratch",
      "b/Dockerfile": "FROM acme/a",
      "c/Dockerfile": "FROM scratch",
    });
    expect(imported.pipelines.map(({ name, steps }) => [name, steps.length])).toEqual([
      ["a", 2],
      ["c", 1],
    ]);
  });

  test("is imported without redundant dependencies", () => {
    const imported = importTexts({
      "a/Dockerfile": "FROM scratch",
      "b/Dockerfile": "FROM acme/a",
      "c/Dockerfile": "FROM acme/a\nCOPY --from=acme/b /x /x",
    });
    expect(edgesOf(imported)["acme/c:latest"]).toEqual(["acme/b:latest"]);
  });

  test.each([
    ["Dockerfile", "acme/project:latest"],
    ["images/NodeBase/Dockerfile", "acme/node-base:latest"],
    ["php/8.1/Dockerfile", "acme/php:8.1"],
    ["php/8.1/slim/Dockerfile", "acme/php:8.1-slim"],
    ["web/Dockerfile.pg10", "acme/web:pg10"],
    ["web/slim.Dockerfile", "acme/web:slim"],
    ["web/Containerfile", "acme/web:latest"],
    ["__proto__/Dockerfile", "acme/proto:latest"],
    ["constructor/Dockerfile", "acme/constructor:latest"],
  ])("names the image of %s %s", (path, image) => {
    expect(Object.keys(edgesOf(importTexts({ [path]: "FROM alpine" })))).toEqual([image]);
  });

  test("gives all images the tag of --tag, as the first half of the tags of variants", () => {
    const texts = { "web/Dockerfile": "FROM x", "web/Dockerfile.slim": "FROM acme/web:2" };
    const imported = importTexts(texts, { namespace: "acme", tag: "2" });
    expect(edgesOf(imported)).toEqual({ "acme/web:2": [], "acme/web:2-slim": ["acme/web:2"] });
  });

  test("links FROM lines with another tag, a digest or a variable without a value by name, and notes them", () => {
    const imported = importTexts({
      "base/Dockerfile": "FROM scratch",
      "tag/Dockerfile": "FROM acme/base:3.14",
      "digest/Dockerfile": "FROM acme/base@sha256:0123",
      "variable/Dockerfile": "FROM ${NAMESPACE}/base:${VERSION}",
    });
    const after = ["acme/base:latest"];
    expect(edgesOf(imported)).toMatchObject({
      "acme/tag:latest": after,
      "acme/digest:latest": after,
      "acme/variable:latest": after,
    });
    expect(notesOf(imported)).toEqual(
      expect.arrayContaining([
        'line 1 of tag/Dockerfile names "acme/base:3.14"; assuming acme/base:latest, although the tag differs (set it with --tag)',
        'line 1 of digest/Dockerfile pins "acme/base@sha256:0123" to a digest: it is built after acme/base:latest, but not from its new version',
        'line 1 of variable/Dockerfile names "${NAMESPACE}/base:${VERSION}", in which NAMESPACE, VERSION have no value; assuming acme/base:latest, whose name ends alike',
      ]),
    );
  });

  test("notes how to resolve a variable that could be anything", () => {
    const imported = importTexts({ "a/Dockerfile": "ARG BASE\nFROM $BASE" });
    expect(notesOf(imported)).toContain(
      'line 2 of a/Dockerfile names "${BASE}", in which BASE has no value; add a default (ARG NAME=value), or add what it comes after by hand',
    );
  });

  test("whose files form a cycle loses one link of it, which is left to decide", () => {
    const imported = importTexts({
      "a/Dockerfile": "FROM acme/b",
      "b/Dockerfile": "FROM acme/c",
      "c/Dockerfile": "FROM acme/a",
    });
    expect(edgesOf(imported)).toEqual({
      "acme/a:latest": ["acme/b:latest"],
      "acme/b:latest": ["acme/c:latest"],
      "acme/c:latest": [],
    });
    expect(imported.tally?.open).toEqual([
      'each of these is built from the next: "a/Dockerfile" → "b/Dockerfile" → "c/Dockerfile" → "a/Dockerfile"; the link from "c/Dockerfile" to "a/Dockerfile" was left out to break the cycle',
    ]);
  });

  test("can have an image that is built on itself, or squashes itself, without a cycle", () => {
    const imported = importTexts({
      "a/Dockerfile":
        "ARG ANCESTOR=acme/a:latest\nFROM acme/base AS final\nFROM $ANCESTOR AS squashed\nFROM final",
      "base/Dockerfile": "FROM acme/base",
    });
    expect(edgesOf(imported)).toEqual({ "acme/a:latest": ["acme/base:latest"], "acme/base:latest": [] });
    expect(notesOf(imported)).toContain(
      "acme/base:latest is built on its own earlier version, acme/base, which is no link",
    );
  });

  test("can have an image that is built from another tag of itself", () => {
    expect(edgesOf(importTexts({ "a/Dockerfile": "FROM acme/a:1" }))).toEqual({ "acme/a:latest": [] });
  });

  test("is imported without files that cannot be read or named, which are noted", () => {
    const imported = importTexts({
      "a/Dockerfile": "FROM scratch",
      "x/a/Dockerfile": "FROM scratch",
      "empty/Dockerfile": "",
      "Dockerfile.md": "# Dockerfile",
    });
    expect(Object.keys(edgesOf(imported))).toEqual(["acme/a:latest"]);
    expect(notesOf(imported)).toEqual(
      expect.arrayContaining([
        "empty/Dockerfile: expected a FROM line, found none",
        "x/a/Dockerfile was not imported: it would be a:latest, as a/Dockerfile is already",
      ]),
    );
  });

  test("without a namespace takes a placeholder, which is left to decide", () => {
    const imported = importDockerfiles(
      viewOf({ "base/Dockerfile": "FROM alpine", "web/Dockerfile": "FROM base" }),
      unnamed,
    );
    expect(edgesOf(imported)).toEqual({
      "your-namespace/base:latest": [],
      "your-namespace/web:latest": ["your-namespace/base:latest"],
    });
    expect(imported.tally?.open).toEqual([expect.stringContaining("set it with --namespace NAME")]);
    expect(yamlText(imported, "a test")).toContain(
      "# - TO DECIDE: the namespace your-namespace is a placeholder",
    );
  });

  test("takes the namespace of most FROM lines", () => {
    const imported = importDockerfiles(
      viewOf({
        "base/Dockerfile": "FROM alpine",
        "a/Dockerfile": "FROM quay.io/acme/base",
        "b/Dockerfile": "FROM quay.io/acme/base",
        "c/Dockerfile": "FROM acme/base",
      }),
      unnamed,
    );
    expect(Object.keys(edgesOf(imported))).toContain("quay.io/acme/base:latest");
    expect(edgesOf(imported)["quay.io/acme/c:latest"]).toEqual(["quay.io/acme/base:latest"]);
  });

  test("leaves out tests, examples, development and templates, and names them, unless they are asked for", () => {
    const texts = {
      "base/Dockerfile": "FROM alpine",
      "base/Dockerfile.dev": "FROM acme/base",
      "tests/one/Dockerfile": "FROM acme/base",
      "examples/Dockerfile": "FROM acme/base",
      ".devcontainer/Dockerfile": "FROM acme/base",
      "templates/Dockerfile": "FROM {{ base }}",
    };
    const imported = importTexts(texts);
    expect(Object.keys(edgesOf(imported))).toEqual(["acme/base:latest"]);
    expect(imported.tally?.leftOut).toEqual([
      "templates (templates/Dockerfile)",
      "development (base/Dockerfile.dev, .devcontainer/Dockerfile)",
      "tests, examples and documents (tests/one/Dockerfile, examples/Dockerfile)",
    ]);
    const whole = importTexts(texts, { ...acme, withTests: true });
    expect(Object.keys(edgesOf(whole))).toHaveLength(5);
  });

  test("of examples alone is imported", () => {
    expect(Object.keys(edgesOf(importTexts({ "examples/web/Dockerfile": "FROM alpine" })))).toEqual([
      "acme/web:latest",
    ]);
  });

  test("is refused with a hint if it has no Dockerfiles", () => {
    expect(() => importTexts({ "README.md": "" })).toThrow(
      'expected a folder with Dockerfiles, found none that can be read in "project"',
    );
  });
});
