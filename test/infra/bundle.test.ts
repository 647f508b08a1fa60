import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { bundleFunction } from "../../infra/bundle/bundle-function.ts";

const sourceMap = z.object({ sources: z.array(z.string()) });

test.each(["webhook", "schedule"] as const)(
  "the %s function has what starts builds in its bundle, nothing of the grammar, and nothing that runs commands",
  (name) => {
    const bundle = bundleFunction(name, { pipelines: [], channels: [], url: null, historyMs: 1 });
    const { sources } = sourceMap.parse(JSON.parse(readFileSync(bundle.sourceMap, "utf8")));
    expect(readFileSync(join(bundle.directory, "index.mjs"), "utf8")).not.toContain("child_process");
    bundle.remove();
    const triggers = sources.filter((source) => source.includes("shared/triggers/"));
    expect(triggers.some((source) => source.endsWith("gitlab/start-pipeline.ts"))).toBe(true);
    expect(triggers.filter((source) => /(?:settings|template)\.ts$/.test(source))).toEqual([]);
    // Nor of the command line, and of what the API answers only what answers it.
    expect(sources.filter((source) => /\/cli\/|commander|api-answers|openapi\.ts/.test(source))).toEqual([]);
    const channels = sources.filter((source) => source.includes("shared/notify/"));
    expect(channels.filter((source) => source.endsWith("/send.ts"))).toHaveLength(5);
    expect(channels.filter((source) => /(?:settings|secret-url)\.ts$/.test(source))).toEqual([]);
    expect(sources.filter((source) => /core\/(?:config|compile)\.ts/.test(source))).toEqual([]);
  },
);
