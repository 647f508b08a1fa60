import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "../../../shared/config/read-config.ts";
import { type Folder, makeFolder } from "../../stand-ins/program.ts";

let folder: Folder;
let file: string;
beforeEach(() => {
  folder = makeFolder();
  file = join(folder.path, "tagrelay.yaml");
});
afterEach(() => folder.remove());

const read = (yaml: string) => {
  writeFileSync(file, yaml);
  return readConfig(file);
};

describe("tagrelay.yaml", () => {
  test("can share settings with anchors and merge keys", () => {
    const { pipelines } = read(
      "pipelines:\n  one: &one { image: acme/one, delay: 5m, sequence: [a] }\n  two: { <<: *one, image: acme/two }\n",
    );
    expect(pipelines).toMatchObject([
      { name: "one", steps: [{ image: { repository: "acme/one", tag: "a" }, delayMs: 300_000 }] },
      { name: "two", steps: [{ image: { repository: "acme/two", tag: "a" }, delayMs: 300_000 }] },
    ]);
  });

  test("keeps a local time and tags as they are written", () => {
    const { pipelines } = read(
      'pipelines:\n  p: { image: acme/p, schedule: { at: 2026-12-24T03:00:00 }, sequence: [latest, "1.10", v1.10.0, no] }\n',
    );
    expect(pipelines[0]?.steps.map(({ image }) => image?.tag)).toEqual(["latest", "1.10", "v1.10.0", "no"]);
    expect(pipelines[0]?.schedule).toMatchObject({ kind: "at", startAt: Date.UTC(2026, 11, 24, 3) });
  });

  test.each([
    [
      "pipelines:\n  p: { image: acme/p, sequence: [1.10] }\n",
      /sequence\[0\]: .* found the number 1\.1; put it in quotes$/,
    ],
    ["pipelines:\n  p: {}\n  p: {}\n", /:3: expected each key once, found p again$/],
    ["pipelines: [\n", /: Flow sequence in block collection .* at line 2, column 1$/],
    ["", /: expected a map with the key "pipelines", found none$/],
    ["- a\n", /: expected a map with the key "pipelines", found none$/],
    ["pipelines: { p: { sequence: *nothing } }\n", /nothing/],
  ])("%j is refused, with the file and the reason", (yaml, reason) => {
    expect(() => read(yaml)).toThrow(reason);
    expect(() => read(yaml)).toThrow(file);
  });

  const shared = `pipelines:
  first: &first
    image: acme/first
    trigger: &trigger { github: { repository: acme/images, workflow: image.yml, secret: GITHUB_TOKEN } }
    sequence: &sequence [base, [api, web], last]
`;

  test("may have ten thousand pipelines that share settings", () => {
    const rest = Array.from({ length: 9_999 }, (_, index) => {
      const own = index % 2 ? "<<: *first" : "trigger: *trigger, sequence: *sequence";
      return `  p${index}: { ${own}, image: acme/p${index} }\n`;
    });
    const { pipelines } = read(shared + rest.join(""));
    expect(pipelines).toHaveLength(10_000);
    expect(pipelines.at(-1)).toMatchObject({
      name: "p9998",
      steps: [{ image: { repository: "acme/p9998" } }, {}, {}, {}],
    });
  });

  const nested = (inner: (before: string) => string) =>
    Array.from(
      { length: 2_000 },
      (_, index) => `a${index + 1}: &a${index + 1} ${inner(`*a${index}`)}\n`,
    ).join("");
  test.each([
    ["lists of lists", `a0: &a0 [x]\n${nested((before) => `[${before}, ${before}]`)}pipelines: *a2000\n`],
    [
      "maps of maps",
      `a0: &a0 {k: x}\n${nested((before) => `{ <<: ${before}, b: ${before} }`)}pipelines: *a2000\n`,
    ],
    [
      "merges of merges",
      `a0: &a0 {k: x}\n${nested((before) => `{ <<: ${before}, ${before.slice(1)}: 1 }`)}pipelines: *a2000\n`,
    ],
    ["what is in itself", "pipelines: &p\n  p: *p\n"],
  ])("is refused before it fills the memory: %s", (_, yaml) => {
    expect(() => read(yaml)).toThrow(
      "expected at most 2,000,000 values where all aliases are written out, found more; remove aliases",
    );
  });

  test("is named in the error if it is missing or is a folder", () => {
    expect(() => readConfig(file)).toThrow(`${file}: expected a configuration, found no such file`);
    expect(() => readConfig(folder.path)).toThrow("found one that cannot be read (EISDIR)");
  });
});
