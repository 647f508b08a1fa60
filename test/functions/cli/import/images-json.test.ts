import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { importImagesJson } from "../../../../functions/cli/import/images-json.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { root } from "../../../stand-ins/program.ts";
import { viewOf } from "./view.ts";

const options = { namespace: null, tag: null };
const acme = { namespace: "acme", tag: null };
const importImages = (images: unknown, naming: typeof options | typeof acme = options) =>
  importImagesJson(JSON.stringify({ images }), "IMAGES.json", viewOf({}, "folder"), naming);

describe("IMAGES.json", () => {
  test("becomes a sequence in its order, with notes on what was not imported", () => {
    const text = readFileSync(join(root, "test/fixtures/import/IMAGES.json"), "utf8");
    const imported = importImagesJson(text, "IMAGES.json", viewOf({}, "import"), options);
    const document = parse(yamlText(imported, "a test"));
    compileConfig(document);
    expect(document.pipelines).toEqual({
      elasticsearch: { image: "corpusops/elasticsearch", sequence: ["5.4.0", "2.3.3"] },
    });
    const notes = imported.notes.map((note) => note.text).join("\n");
    expect(notes).toContain("the order is that of the file");
  });

  test.each([
    [{ tag: "acme/a:1" }, "acme/a:1"],
    [{ tag: "acme/a", version: "1.0" }, "acme/a:1.0"],
    [{ tag: "acme/a", version: 2 }, "acme/a:2"],
    [{ tag: "acme/a" }, "acme/a:latest"],
    [{ name: "a", version: "1" }, "acme/a:1"],
    [{ file: "packer/jessie.json" }, "acme/folder:jessie"],
    [{ file: "Dockerfile" }, "acme/folder:latest"],
  ])("names the image of %j %s", (entry, image) => {
    expect(importImages([entry], acme).pipelines[0]?.steps[0]?.image).toBe(image);
  });

  test("is imported without duplicates, invalid images and missing namespaces, which are noted", () => {
    const imported = importImages([
      { tag: "a/a:1" },
      { tag: "a/a:1" },
      { tag: "ghcr.io/a/B:1" },
      { name: "c" },
    ]);
    expect(imported.pipelines[0]?.steps.map(({ image }) => image)).toEqual(["a/a:1", "a/c:latest"]);
    expect(imported.notes.map((note) => note.text)).toEqual(
      expect.arrayContaining([
        "image 2 was not imported: a/a:1 is a duplicate",
        'image 3: "ghcr.io/a/B:1" was not imported: it is not an image with a tag',
        "the namespace a comes from other images of the folder; set another one with --namespace",
      ]),
    );
  });

  test.each([
    ["", "found an empty file"],
    ["{", "found invalid JSON"],
    ['{"images": {}}', "images: expected a list, found an empty map"],
    ['{"images": []}', "expected images with tags, found none"],
    ['{"images": [{"tag": "a/a:1", "__proto__": {}}]}', 'found the name "__proto__"'],
    [`{"images": ${"[".repeat(1000)}${"]".repeat(1000)}}`, "more than 100 levels of nesting"],
    [`{"images": [{"tag": "${"x/".repeat(1 << 19)}"}]}`, "is not an image with a tag"],
  ])("is refused if it is %.40s", (text, message) => {
    expect(() => importImagesJson(text, "IMAGES.json", viewOf({}, "folder"), options)).toThrow(message);
  });
});
