// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in Dockerfiles.
import { describe, expect, test } from "vitest";
import { readDockerfile } from "../../../../functions/cli/import/dockerfile.ts";

const needs = (text: string, args: Record<string, string> = {}, target: string | null = null) =>
  readDockerfile(text, { args: new Map(Object.entries(args)), target }).needs.map((need) => need.text);

describe("the images that a Dockerfile is built from", () => {
  test.each([
    ["a FROM line", "FROM acme/base:1\n", ["acme/base:1"]],
    ["a FROM line in lower case", "from acme/base as x\n", ["acme/base"]],
    [
      "several stages, but not the names of stages",
      "FROM a/a AS one\nFROM One AS two\nFROM b/b\n",
      ["a/a", "b/b"],
    ],
    [
      "COPY --from an image, but not from a stage or a number",
      "FROM a/a AS s\nFROM b/b\nCOPY --from=s /x /x\nCOPY --chown=1 --from=c/c:2 /x /x\nCOPY --from=0 /x /x\n",
      ["a/a", "b/b", "c/c:2"],
    ],
    [
      "RUN --mount from an image",
      "FROM a/a\nRUN --mount=type=bind,from=d/d,target=/x make\n",
      ["a/a", "d/d"],
    ],
    ["ARG before FROM with a default", "ARG B=acme/base\nARG T=1\nFROM ${B}:$T\n", ["acme/base:1"]],
    [
      "ARG composed of others",
      "ARG R=quay.io\nARG O=acme\nARG I=$R/$O/base\nFROM $I\n",
      ["quay.io/acme/base"],
    ],
    ["several on one ARG line, in quotes", `ARG A="acme" B='base'\nFROM $A/$B\n`, ["acme/base"]],
    [
      "${VAR:-default} and the other operators",
      "ARG E=\nFROM ${X:-acme}/${E:-a}${E-b}${E:+c}:${X:-${Y:-2}}\n",
      ["acme/a:2"],
    ],
    [
      "--platform",
      "FROM --platform=$BUILDPLATFORM golang:1 AS b\nFROM acme/x-${TARGETARCH}\n",
      ["golang:1", "acme/x-amd64"],
    ],
    [
      "comments and empty lines within continued lines",
      "FROM \\\n# which\n\n  acme/base \\\n  AS x\nRUN a \\\n  # FROM no/no\n  b\n",
      ["acme/base"],
    ],
    ["FROM lines, but not if they continue a RUN", "FROM a/a\nRUN echo \\\nFROM no/no\n", ["a/a"]],
    [
      "FROM lines, but not within a heredoc",
      "FROM a/a\nRUN <<EOF cat\nFROM no/no\nEOF\nCOPY <<-'X' <<Y /z\nFROM no/no\n\tX\nFROM no/no\nY\nFROM b/b\n",
      ["a/a", "b/b"],
    ],
    [
      "lines after a quoted <<, which opens no heredoc",
      'FROM a/a\nRUN echo "x <<EOF"\nFROM b/b\nRUN echo $((1 << 2))\nFROM c/c\n',
      ["a/a", "b/b", "c/c"],
    ],
    ["lines after a heredoc without an end", "FROM a/a\nRUN cat <<EOF\nFROM b/b\n", ["a/a", "b/b"]],
    [
      "the directive escape=`",
      "# syntax=docker/dockerfile:1\n# escape=`\nFROM `\n  a/a\nRUN dir c:\\\nFROM b/b\n",
      ["a/a", "b/b"],
    ],
    [
      "lines after a late escape directive, which has no effect",
      "# hello\n# escape=`\nFROM a/a\nRUN x \\\nFROM no/no\n",
      ["a/a"],
    ],
    [
      "Windows line ends and a byte order mark",
      "\uFEFFARG V=1\r\nFROM a/a:$V \\\r\n  AS x\r\nRUN <<EOF\r\nFROM no/no\r\nEOF\r\nFROM b/b\r\n",
      ["a/a:1", "b/b"],
    ],
    ["FROM scratch, which is no image", "FROM scratch\nCOPY x /\n", []],
    ["a FROM line with a digest", "FROM a/a:1@sha256:0123\n", ["a/a:1@sha256:0123"]],
  ])("are read from %s", (_name, text, found) => {
    expect(needs(text)).toEqual(found);
    expect(readDockerfile(text).problems).toEqual([]);
  });

  test("do not include stages after the target, and build arguments override defaults", () => {
    const text = "ARG B=no/no\nFROM $B AS base\nFROM b/b AS test\nFROM c/c\n";
    expect(needs(text, { B: "a/a" }, "TEST")).toEqual(["a/a", "b/b"]);
  });

  test("are returned with their variables that have no value", () => {
    const [need] = readDockerfile("ARG NAMESPACE\nFROM ${NAMESPACE}/base:$VERSION\n").needs;
    expect(need).toEqual({
      text: "${NAMESPACE}/base:${VERSION}",
      unknown: ["NAMESPACE", "VERSION"],
      line: 2,
    });
  });

  test.each([
    ["an empty file", "", "expected a FROM line, found none"],
    ["no FROM", "RUN x\n", "expected a FROM line, found none"],
    ["FROM alone", "FROM\n", "expected FROM image [AS name] in line 1, found a different form"],
    [
      "more than a name",
      "FROM a/a AS b c\n",
      "expected FROM image [AS name] in line 1, found a different form",
    ],
    ["an empty variable", "ARG X=\nFROM $X\n", "expected an image in line 2, found an empty variable"],
  ])("cannot be read from %s", (_name, text, problem) => {
    expect(readDockerfile(text).problems).toEqual([problem]);
  });

  test.each([
    ["a RUN of 1 MB", `FROM a/a\nRUN ${"x".repeat(1 << 20)}\n`],
    ["a RUN of 1 MB of quotes and heredocs", `FROM a/a\nRUN ${`"<<E ' `.repeat(1 << 17)}\n`],
    ["a RUN of 1 MB of mounts", `FROM a/a\nRUN ${"--mount=".repeat(1 << 17)}\n`],
    ["100 000 continued lines", `FROM a/a\nRUN ${"x \\\n".repeat(100_000)}\n`],
    ["a FROM of 1 MB of braces", `FROM a/a\nFROM ${"${".repeat(1 << 19)}\n`],
  ])("are read quickly from %s", (_name, text) => {
    const start = performance.now();
    expect(needs(text)[0]).toBe("a/a");
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
