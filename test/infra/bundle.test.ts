import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { type Bundle, bundleFunction } from "../../infra/bundle/bundle-function.ts";
import { replacements } from "../../infra/bundle/leave-out.ts";
import { openapi } from "../../shared/http/api/openapi.ts";
import { settingNames } from "../../shared/settings.ts";
import { gatewayEvent } from "../stand-ins/gateway-event.ts";
import { root } from "../stand-ins/program.ts";

const sourceMap = z.object({ sources: z.array(z.string()), sourcesContent: z.array(z.string()) });
const emptyConfig = {
  pipelines: [],
  channels: [],
  logins: [],
  webhookSecrets: [],
  buildProjects: [],
  url: null,
  historyMs: 1,
  pages: null,
  metrics: "token" as const,
  builds: null,
};

type FunctionName = "webhook" | "schedule";
let bundles: Record<FunctionName, Bundle>;
beforeAll(() => {
  bundles = {
    webhook: bundleFunction("webhook", emptyConfig),
    schedule: bundleFunction("schedule", emptyConfig),
  };
}, 60_000);
afterAll(() => {
  for (const bundle of Object.values(bundles)) bundle.remove();
});

const codeOf = (name: FunctionName) => readFileSync(join(bundles[name].directory, "index.mjs"), "utf8");
const mapOf = (name: FunctionName) =>
  sourceMap.parse(JSON.parse(readFileSync(bundles[name].sourceMap, "utf8")));

describe.each(["webhook", "schedule"] as const)("the bundle of the %s function", (name) => {
  test("starts builds and sends notices, but does not contain the configuration's grammar, the command line or what runs commands", () => {
    expect(codeOf(name)).not.toContain("child_process");
    const { sources } = mapOf(name);
    const builders = sources.filter((source) => source.includes("shared/builders/"));
    expect(builders.some((source) => source.endsWith("gitlab/start.ts"))).toBe(true);
    expect(builders.filter((source) => /(?:settings|template)\.ts$/.test(source))).toEqual([]);
    const channels = sources.filter((source) => source.includes("shared/channels/"));
    expect(channels.filter((source) => source.endsWith("/send.ts"))).toHaveLength(12);
    expect(sources.filter((source) => source.includes("nodemailer"))).toEqual([]);
    expect(channels.filter((source) => /(?:settings|secret-url)\.ts$/.test(source))).toEqual([]);
    expect(
      sources.filter((source) => /(?:config|validation)\/(?:grammar|compile|forms)\.ts/.test(source)),
    ).toEqual([]);
    // The schemas and the document that describe the API are only needed to write docs/openapi.json.
    expect(sources.filter((source) => /\/cli\/|commander|api\/answers|openapi\.ts/.test(source))).toEqual([]);
    // A single import of `zod` instead of `zod/mini` would add all of it.
    expect(sources.filter((source) => /zod\/v4\/(?:classic|locales)|json-schema/.test(source))).toEqual([]);
  });

  test.each(replacements)("leaves out $path: $why", ({ path }) => {
    const { sources, sourcesContent } = mapOf(name);
    const replaced = sources.flatMap((source, index) => {
      const [, file] = /node_modules\/((?!.*node_modules).*)/.exec(source) ?? [];
      return file !== undefined && (path.endsWith("/") ? file.startsWith(path) : file === path)
        ? [{ file, content: sourcesContent[index] }]
        : [];
    });
    // Without one, the package has moved the file or does not use it any more: then change or delete the replacement.
    expect(replaced).not.toEqual([]);
    for (const { file, content } of replaced) {
      expect(content).not.toBe(readFileSync(join(root, "node_modules", file), "utf8"));
    }
  });
});

test("the webhook function serves the pages' assets and the API's description, and shows pages to nobody who has not signed in", async () => {
  vi.stubEnv(settingNames.tableName, "tagrelay");
  vi.stubEnv(settingNames.parameterPrefix, "/Tagrelay/");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  const { handler } = await import(pathToFileURL(join(bundles.webhook.directory, "index.mjs")).href);
  const get = (path: string) => handler(gatewayEvent("GET", path));
  expect(await get("/")).toMatchObject({ statusCode: 303, headers: { location: "/sign-in" } });
  const { statusCode, body } = await get("/sign-in");
  expect([statusCode, body]).toEqual([200, expect.stringContaining("<h1>Sign in</h1>")]);
  const paths = [...body.matchAll(/\/assets\/[^"]+/g)].map(([path]: string[]) => path ?? "");
  expect(paths).toHaveLength(2);
  for (const path of paths) {
    expect(await get(path)).toMatchObject({ statusCode: 200, isBase64Encoded: false });
  }
  const described = await get("/api/openapi.json");
  expect([described.statusCode, JSON.parse(described.body)]).toEqual([200, openapi]);
  vi.unstubAllEnvs();
});
