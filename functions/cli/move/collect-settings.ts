// Finds build settings in JSON, whatever is around them: answers of Docker Hub's API, lists of them, or a recorded page.
import * as z from "zod";
import { ImportError } from "../import/imported.ts";
import type { HubSource, Rule, SavedSettings, Variable } from "./hub-source.ts";

/** A document, and the address that it was read from if that is known. */
export type Saved = { json: unknown; url: URL | null };

const ruleSchema = z.object({
  source_type: z.string().regex(/^(?:branch|tag)$/i),
  source_name: z.string(),
  tag: z.string(),
  dockerfile: z.string().nullish(),
  build_context: z.string().nullish(),
  autobuild: z.boolean().nullish(),
  nocache: z.boolean().nullish(),
  resource_uri: z.string().nullish(),
  buildsource: z.string().nullish(),
});
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** Public code shows only an empty list of them, so that several forms are read. */
const variableSchema = z.union([
  z.object({ key: z.string(), value: text.nullish() }).transform(({ key, value }) => toVariable(key, value)),
  z.object({ name: z.string(), value: text.nullish() }).transform((one) => toVariable(one.name, one.value)),
  z
    .string()
    .regex(/^\w+=/)
    .transform((line) => toVariable(line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1))),
]);
const toVariable = (key: string, value: string | null | undefined): Variable => ({
  name: key,
  value: value ?? "",
});

const name = z.string().regex(/^[\w.-]+$/);
const sourceSchema = z.object({
  image: z.string().nullish(),
  provider: z.string().nullish(),
  owner: name,
  repository: name,
  repo_links: z.union([z.boolean(), z.string()]).nullish(),
  autotests: z.string().nullish(),
  envvars: z.union([z.array(z.unknown()), z.record(z.string(), text)]).nullish(),
  build_settings: z.array(z.unknown()),
  resource_uri: z.string().nullish(),
});
/** Its URL is a secret, and stays where it is. */
const triggerSchema = z.object({ name: z.string(), resource_uri: z.string().regex(/\/trigger\//) });

type FoundRule = z.infer<typeof ruleSchema>;
type FoundSource = z.infer<typeof sourceSchema> & { asked: string | null };
type Found = { sources: Map<string, FoundSource>; rules: Map<string, FoundRule>; triggers: Set<string> };

export function collectSettings(documents: readonly Saved[]): SavedSettings {
  const found: Found = { sources: new Map(), rules: new Map(), triggers: new Set() };
  for (const { json, url } of documents) walk(json, url, found, 0);
  const sources = [...found.sources.values()].map((source) => toSource(source, found));
  return {
    sources: sources.toSorted((one, other) => (one.image < other.image ? -1 : 1)),
    triggers: [...found.triggers],
  };
}

function walk(value: unknown, url: URL | null, found: Found, depth: number): void {
  if (typeof value !== "object" || value === null || depth > 20) return;
  const source = sourceSchema.safeParse(value);
  if (source.success) {
    const { data } = source;
    const asked = url?.searchParams.get("image") ?? null;
    found.sources.set(data.resource_uri ?? `${data.image ?? asked}`, { ...data, asked });
    return;
  }
  const rule = ruleSchema.safeParse(value);
  if (rule.success) {
    const uri = rule.data.resource_uri ?? url?.pathname ?? "";
    found.rules.set(uri === "" ? `${found.rules.size}` : uri, rule.data);
    return;
  }
  const trigger = triggerSchema.safeParse(value);
  if (trigger.success) found.triggers.add(trigger.data.name);
  for (const inner of Object.values(value)) walk(inner, url, found, depth + 1);
}

function toSource(source: FoundSource, { rules }: Found): HubSource {
  const image = source.image ?? source.asked;
  if (image === null || !/^[\w.-]+\/[\w.-]+$/.test(image)) {
    throw new ImportError(
      `expected the name of the image in the settings that build ${source.owner}/${source.repository}, found none; save the answer whole, or a HAR`,
    );
  }
  const named = source.build_settings.flatMap((setting) =>
    typeof setting === "string" ? (rules.get(setting) ?? []) : (ruleSchema.safeParse(setting).data ?? []),
  );
  const own = [...rules.values()].filter(
    ({ buildsource }) =>
      buildsource !== null && buildsource !== undefined && buildsource === source.resource_uri,
  );
  const { envvars } = source;
  const listed = Array.isArray(envvars)
    ? envvars
    : Object.entries(envvars ?? {}).map(([key, value]) => ({ key, value }));
  const variables = listed.flatMap((one) => variableSchema.safeParse(one).data ?? []);
  const all = [...new Set([...named, ...own])];
  return {
    image,
    provider: source.provider ?? "Github",
    repository: `${source.owner}/${source.repository}`,
    hasRepositoryLinks:
      source.repo_links === true || /^(?:on|true|enabled?|public|private)$/i.test(`${source.repo_links}`),
    autotests: source.autotests ?? "OFF",
    variables,
    rules: all.map(toRule),
    missing: Math.max(source.build_settings.length - all.length, 0),
    unreadVariables: listed.length - variables.length,
  };
}

function toRule(rule: FoundRule): Rule {
  return {
    type: /^tag$/i.test(rule.source_type) ? "Tag" : "Branch",
    source: rule.source_name,
    tag: rule.tag,
    dockerfile: rule.dockerfile ?? "",
    context: rule.build_context ?? "",
    isAutomatic: rule.autobuild !== false,
    isUncached: rule.nocache === true,
  };
}
