// Compiles `parameters`: the names of a run's parameters, with their defaults.
import { placeholderNames } from "../builders/placeholders.ts";
import { parametersIn } from "../image/tag-parameters.ts";
import { isEntries, mapPipelines, mapTexts, someText } from "./map-texts.ts";
import type { PipelineDocument } from "./pipeline-grammar.ts";
import type { Report } from "./report.ts";

/** The tag of the source that was pushed, by Docker Hub's own name for it. */
export const sourceTag = "sourceref";

/**
 * Writes {version} in triggers as {parameter:version}, before the document is checked: the grammar of a trigger does not know
 * which parameters the pipeline has.
 */
export function nameParameters(document: unknown): unknown {
  return mapPipelines(document, (pipeline) => {
    const names = namesIn(pipeline);
    if (names.length === 0) return pipeline;
    const rewrite = (value: unknown) => mapTexts(value, (text) => rename(text, names));
    const steps = isEntries(pipeline.steps)
      ? Object.fromEntries(
          Object.entries(pipeline.steps).map(([name, step]) => [
            name,
            isEntries(step) && "trigger" in step ? { ...step, trigger: rewrite(step.trigger) } : step,
          ]),
        )
      : pipeline.steps;
    return {
      ...pipeline,
      ...("trigger" in pipeline ? { trigger: rewrite(pipeline.trigger) } : {}),
      ...(steps === undefined ? {} : { steps }),
    };
  });
}

function namesIn({ parameters, source }: Readonly<Record<string, unknown>>): string[] {
  // A list is wrong, but says what is meant.
  const declared = isEntries(parameters)
    ? Object.keys(parameters)
    : [parameters ?? []].flat().filter((name) => typeof name === "string");
  return [...declared, ...parametersOfSource(isEntries(source) ? source.tags : undefined)];
}

/** `${version}` and `\{` belong to a shell. */
function rename(text: string, names: readonly string[]): string {
  return text.replace(/(?<![$\\])\{([A-Za-z_]\w*)\}/g, (whole, name: string) =>
    names.includes(name) ? `{parameter:${name}}` : whole,
  );
}

/** What a pushed tag gives a run: the tag itself, and the parameters in the patterns. */
function parametersOfSource(tags: unknown): string[] {
  const patterns = [tags ?? []].flat().filter((pattern) => typeof pattern === "string");
  return [...new Set(patterns.flatMap((pattern) => [sourceTag, ...parametersInPattern(pattern)]))];
}

/** In `v*`, the first `*` is the version. */
function parametersInPattern(pattern: string): string[] {
  return [...parametersIn(pattern), ...(pattern.includes("*") ? ["version"] : [])];
}

/** Null for a parameter without a default. */
export function compileParameters(document: PipelineDocument, report: Report): Record<string, string | null> {
  const { parameters = {}, source } = document;
  const given: readonly string[] = placeholderNames;
  for (const [name, value] of Object.entries(parameters)) {
    if (given.includes(name)) {
      report(
        ["parameters", name],
        `expected another name, found ${JSON.stringify(name)}, which is a placeholder already`,
      );
    }
    const problem = value === null ? null : problemOfValue(value);
    if (problem !== null) report(["parameters", name], problem);
  }
  const implied = ["date", ...parametersOfSource(source?.tags)];
  const { source: _, ...others } = document;
  // A run need not be given what nothing uses.
  const used = implied.filter((name) =>
    someText(others, (text) => text.includes(`{${name}}`) || text.includes(`{parameter:${name}}`)),
  );
  return { ...Object.fromEntries(used.map((name) => [name, null])), ...parameters };
}

const maxValue = 200;

/** A value may become a part of a command, a URL or a tag. */
export function problemOfValue(value: string): string | null {
  if (value.length <= maxValue && /^[\w.+@:/-]+$/.test(value)) return null;
  return `expected a value of letters, digits and . _ - + @ : / of at most ${maxValue} characters, found ${JSON.stringify(value.slice(0, 60))}`;
}

/** Runs that nobody gives parameters need a default of each. */
export function reportMissingDefaults(
  document: PipelineDocument,
  parameters: Readonly<Record<string, string | null>>,
  report: Report,
): void {
  const missing = Object.keys(parameters).filter((name) => name !== "date" && parameters[name] === null);
  const { source } = document;
  const patterns = [source?.tags ?? []].flat();
  const ofTag = [sourceTag, ...missing].filter(
    (name) => name === sourceTag || patterns.every((pattern) => parametersInPattern(pattern).includes(name)),
  );
  const lacking = (known: readonly string[]) => missing.find((name) => !known.includes(name));
  const expectDefault = (path: PropertyKey[], name: string | undefined) => {
    if (name === undefined) return;
    report(
      path,
      `expected a default for parameter ${JSON.stringify(name)}, which these runs are not given, found none; write it as ${name}: "…"`,
    );
  };
  const hasUpstream =
    document.upstream !== undefined ||
    Object.values(document.steps ?? {}).some(({ upstream }) => upstream !== undefined);
  if (document.schedule !== undefined) expectDefault(["schedule"], lacking([]));
  if (document.after !== undefined) expectDefault(["after"], lacking([]));
  if (hasUpstream) expectDefault(["upstream"], lacking([]));
  if (source !== undefined && (source.tags === undefined || source.branch !== undefined)) {
    expectDefault(["source", "branch"], lacking([]));
  }
  if (source?.tags !== undefined) {
    expectDefault(["source", "tags"], lacking(ofTag));
  }
}
