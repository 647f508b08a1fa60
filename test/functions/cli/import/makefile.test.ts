// biome-ignore-all lint/suspicious/noTemplateCurlyInString: parts that are not known.
import { describe, expect, test } from "vitest";
import { makefileBuilds } from "../../../../functions/cli/import/makefile.ts";
import { showOpen } from "../../../../functions/cli/import/open-text.ts";

const imagesOf = (text: string) =>
  makefileBuilds(text, ".").map(({ tags, path }) => [...tags.map(showOpen), path].join(" "));

describe("the images of a Makefile", () => {
  test.each([
    ["a line", "all:\n\tdocker build -t acme/a:1 images/a\n", ["acme/a:1 images/a/Dockerfile"]],
    [
      "a quiet line after cd",
      "a:\n\t@cd ./a && X=1 docker buildx build --push -t acme/a -f b/Dockerfile .\n",
      ["acme/a a/b/Dockerfile"],
    ],
    ["continued lines", "a:\n\tdocker build \\\n\t  --tag=acme/a:1 \\\n\t  a\n", ["acme/a:1 a/Dockerfile"]],
    [
      "variables",
      "O ?= acme\nV := $(O)/a\nV2 = $(V):$(or $(T),2)\na:\n\tdocker build -t $(V2) a\n",
      ["acme/a:2 a/Dockerfile"],
    ],
    [
      "a variable of itself",
      "F := $(F) --pull\na:\n\tdocker build $(F) -t acme/a a\n",
      ["acme/a a/Dockerfile"],
    ],
    [
      "a rule for several targets",
      "I = a b\n$(I):\n\tdocker build -t acme/$@ images/$@\n",
      ["acme/a images/a/Dockerfile", "acme/b images/b/Dockerfile"],
    ],
    [
      "functions",
      "build/a:\n\tpodman build -t acme/$(notdir $@):$(subst .,-,1.2) $(notdir $@)\n",
      ["acme/a:1-2 a/Dockerfile"],
    ],
    [
      "variables of targets",
      "a: N := x\na:\n\t$(B)\nB = docker build -t acme/$(N) $(N)\n",
      ["acme/x x/Dockerfile"],
    ],
    [
      "commands of the shell",
      "a:\n\tdocker build -t acme/a:$(shell date '+%Y') -t acme/a:$$(git describe) a\n",
      ["acme/a:${shell_date_Y_} acme/a:${git_describe} a/Dockerfile"],
    ],
    ["no comment", "a:\n\t# docker build -t acme/a a\n\techo docker build a\n", []],
  ])("are read from %s", (_name, text, images) => {
    expect(imagesOf(text)).toEqual(images);
  });
});
