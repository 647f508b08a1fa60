import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packConfig } from "../../../functions/packed-config/pack-config.ts";
import { indexKey } from "../../../functions/packed-config/packed-files.ts";
import { readIndex } from "../../../functions/packed-config/read-index.ts";
import { readPackedConfig } from "../../../functions/packed-config/read-packed-config.ts";
import { compileConfig } from "../../../shared/config/compile.ts";
import { namedOrigins } from "../../../shared/config/named-origins.ts";
import type { Config } from "../../../shared/pipeline/pipeline.ts";
import { catalogOf } from "../../../shared/relay/catalog.ts";
import { type Folder, makeFolder } from "../../stand-ins/program.ts";

let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

function pack(config: Config) {
  const files = packConfig(config);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  return readPackedConfig(pathToFileURL(`${folder.path}/`));
}

const gitlab = { gitlab: { project: "acme/images", ref: "main", secret: "GITLAB_TOKEN" } };
const config = compileConfig({
  pipelines: {
    zebra: { image: "acme/zebra", schedule: { every: "6h" }, sequence: ["a", "b"] },
    family: {
      source: { github: "Acme/Family" },
      sequence: ["acme/base:latest", ["acme/api:latest", "ghcr.io/acme/web:1"]],
      notify: ["chat"],
    },
    shared: { trigger: gitlab, sequence: ["acme/base:latest", "registry.example.org:5000/acme/x:1"] },
  },
  channels: { chat: { slack: { secret: "SLACK" } } },
});

describe("a packed configuration", () => {
  test("has the same pipelines in the same order, and finds the same by name, image, source and builder", () => {
    const { catalog } = pack(config);
    const expected = catalogOf(config.pipelines);
    for (const name of ["pipelines", "images", "sources", "projects"] as const) {
      expect(expected[name].size).toBeGreaterThan(0);
      for (const [key, value] of expected[name]) expect(catalog[name].get(key)).toEqual(value);
      expect(catalog[name].get("unknown")).toBeUndefined();
      expect(catalog[name].get("")).toBeUndefined();
    }
    expect([...catalog.pipelines.keys()]).toEqual(["zebra", "family", "shared"]);
    expect([...catalog.pipelines.values()]).toEqual(config.pipelines);
  });

  test("has the rest at once, with the secrets that are needed and the origins that may be asked", () => {
    // Those who build are the stack and the local program.
    const { pipelines: _packed, builds: _local, buildProjects: _stack, ...others } = config;
    const { settings } = pack(config);
    expect(settings).toMatchObject(others);
    expect(settings.secrets).toEqual(expect.arrayContaining(["GITLAB_TOKEN", "SLACK"]));
    expect(settings.origins.sort()).toEqual([...new Set(namedOrigins(config))].sort());
  });

  test("reads no pipeline before it is asked for", () => {
    const packed = pack(config);
    writeFileSync(join(folder.path, "pipelines.jsonl"), "");
    expect(() => packed.catalog.pipelines.get("zebra")).toThrow(SyntaxError);
  });

  test("without pipelines finds none", () => {
    const { catalog } = pack({ ...config, pipelines: [] });
    expect(catalog.pipelines.get("zebra")).toBeUndefined();
    expect([...catalog.pipelines.values()]).toEqual([]);
  });
});

test("every key of an index is found, and no other, whatever the keys are", () => {
  const names = fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 40 });
  fc.assert(
    fc.property(names, fc.string({ unit: "grapheme" }), (known, other) => {
      const keys = known.map((name) => indexKey("image", name)).sort(Buffer.compare);
      const index = Buffer.from(keys.map((key) => `${key}\t${JSON.stringify(`of ${key}`)}\n`).join(""));
      for (const key of keys) expect(readIndex(index, key)).toBe(JSON.stringify(`of ${key}`));
      const isKnown = known.includes(other);
      expect(readIndex(index, indexKey("image", other)) === null).toBe(!isKnown);
    }),
  );
});
