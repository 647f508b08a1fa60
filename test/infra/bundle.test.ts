import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { bundleFunction } from "../../infra/bundle/bundle-function.ts";
import { settingNames } from "../../infra/settings.ts";
import { openapi } from "../../shared/http/openapi.ts";
import { gatewayEvent } from "../stand-ins/gateway-event.ts";

const sourceMap = z.object({ sources: z.array(z.string()) });

test.each(["webhook", "schedule"] as const)(
  "the %s function has what starts builds in its bundle, nothing of the grammar, and nothing that runs commands",
  (name) => {
    const bundle = bundleFunction(name, {
      pipelines: [],
      channels: [],
      url: null,
      historyMs: 1,
      pages: null,
    });
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
    expect(sources.filter((source) => /core\/(?:config|compile|forms)\.ts/.test(source))).toEqual([]);
    // One import of `zod` in place of `zod/mini` brings all of it along.
    expect(sources.filter((source) => /zod\/v4\/(?:classic|locales)|json-schema/.test(source))).toEqual([]);
  },
);

test("the webhook function has in its bundle what pages are sent with and what describes the API, and shows pages to nobody who has not signed in", async () => {
  const bundle = bundleFunction("webhook", {
    pipelines: [],
    channels: [],
    url: null,
    historyMs: 1,
    pages: null,
  });
  vi.stubEnv(settingNames.tableName, "tagrelay");
  vi.stubEnv(settingNames.parameterPrefix, "/Tagrelay/");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  const { handler } = await import(pathToFileURL(join(bundle.directory, "index.mjs")).href);
  const ask = (path: string) => handler(gatewayEvent("GET", path));
  expect(await ask("/")).toMatchObject({ statusCode: 303, headers: { location: "/sign-in" } });
  const { statusCode, body } = await ask("/sign-in");
  expect([statusCode, body]).toEqual([200, expect.stringContaining("<h1>Sign in</h1>")]);
  const paths = [...body.matchAll(/\/assets\/[^"]+/g)].map(([path]: string[]) => path ?? "");
  expect(paths).toHaveLength(2);
  for (const path of paths) {
    expect(await ask(path)).toMatchObject({ statusCode: 200, isBase64Encoded: false });
  }
  const described = await ask("/api/openapi.json");
  expect([described.statusCode, JSON.parse(described.body)]).toEqual([200, openapi]);
  vi.unstubAllEnvs();
  bundle.remove();
});
