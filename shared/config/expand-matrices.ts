// Makes a step for each combination of a `matrix`, before the document is checked.
import { type Parameters, parametersIn } from "../image/tag-parameters.ts";
import type { Finding } from "../validation/expectation.ts";
import { type Entries, isEntries, mapPipelines, mapTexts, someText } from "./map-texts.ts";
import type { Path } from "./report.ts";

const maxCombinations = 256;

/** A matrix that is no matrix stays, for the grammar to report. */
export function expandMatrices(document: unknown, problems: Finding[], origins: Origins): unknown {
  return mapPipelines(document, (pipeline, name) => {
    if (!isEntries(pipeline.steps)) return pipeline;
    const names = Object.values(pipeline.steps).flatMap((step) => Object.keys(guessedValues(step)));
    if (names.length === 0) return pipeline;
    const pushed = pushTriggerDown(pipeline, pipeline.steps, names);
    const path = ["pipelines", name, "steps"];
    return { ...pushed.pipeline, steps: expandSteps(pushed.steps, path, problems, origins) };
  });
}

/** The steps of the document that matrices made steps of, by the path of what they made. */
export type Origins = Map<string, { step: string; path: Path }>;

export function originKey(pipeline: PropertyKey | undefined, step: PropertyKey | undefined): string {
  return JSON.stringify([pipeline, step]);
}

type Matrix = Record<string, string[]>;

/** A value for each name of a matrix, even of a wrong one, whose names must not look unknown elsewhere. */
function guessedValues(step: unknown): Parameters {
  if (!isEntries(step) || !isEntries(step.matrix)) return {};
  return Object.fromEntries(
    Object.entries(step.matrix).map(([name, values]) => {
      const [first] = [values].flat();
      return [name, typeof first === "string" || typeof first === "number" ? String(first) : "0"];
    }),
  );
}

function matrixOf(step: unknown): Matrix | null {
  if (!isEntries(step) || !isEntries(step.matrix)) return null;
  const entries = Object.entries(step.matrix).flatMap(([name, values]) => {
    const texts = Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
    return Array.isArray(values) && texts.length > 0 && texts.length === values.length
      ? [[name, texts] as const]
      : [];
  });
  const isValid = entries.length > 0 && entries.length === Object.keys(step.matrix).length;
  return isValid ? Object.fromEntries(entries) : null;
}

/** A trigger of the pipeline that names values of a matrix is one of each step. */
function pushTriggerDown(pipeline: Entries, steps: Entries, names: readonly string[]) {
  const { trigger, ...rest } = pipeline;
  const isMeant = someText(trigger, (text) => parametersIn(text).some((name) => names.includes(name)));
  if (!isMeant) return { pipeline, steps };
  const withTrigger = Object.entries(steps).map(([name, step]) => {
    const hasOwn = !isEntries(step) || step.trigger !== undefined || step.gate !== undefined;
    return [name, hasOwn ? step : { ...step, trigger }];
  });
  return { pipeline: rest, steps: Object.fromEntries(withTrigger) };
}

function expandSteps(steps: Entries, path: Path, problems: Finding[], origins: Origins): Entries {
  const names = new Map<string, string[]>();
  const expanded = Object.entries(steps).flatMap(([name, step]): [string, unknown][] => {
    const matrix = matrixOf(step);
    if (!isEntries(step) || step.matrix === undefined) return [[name, step]];
    const { matrix: given, ...rest } = step;
    if (matrix === null) {
      const guessed = mapTexts(rest, fillIn(guessedValues(step)));
      return [[name, { ...(isEntries(guessed) ? guessed : rest), matrix: given }]];
    }
    const combinations = combine(matrix);
    if (combinations.length > maxCombinations) {
      const message = `expected at most ${maxCombinations} combinations, found ${combinations.length}`;
      problems.push({ path: [...path, name, "matrix"], message, unknownKey: null });
    }
    const all = combinations
      .slice(0, maxCombinations)
      .map((values): [string, unknown] => [nameOf(name, values), mapTexts(rest, fillIn(values))]);
    for (const [one] of all) origins.set(originKey(path[1], one), { step: one, path: [...path, name] });
    names.set(
      name,
      all.map(([one]) => one),
    );
    return all;
  });
  for (const [name, count] of countNames(expanded)) {
    if (count === 1) continue;
    problems.push({
      path: [...path, name],
      message: `expected each step once, found ${name} ${count} times, by a matrix`,
      unknownKey: null,
    });
  }
  return Object.fromEntries(expanded.map(([name, step]) => [name, replaceAfter(step, names)]));
}

function countNames(steps: readonly [string, unknown][]): Map<string, number> {
  return new Map([...Map.groupBy(steps, ([name]) => name)].map(([name, all]) => [name, all.length]));
}

function combine(matrix: Matrix): Parameters[] {
  return Object.entries(matrix).reduce<Parameters[]>(
    (found, [name, values]) =>
      found
        .flatMap((one) => values.map((value) => ({ ...one, [name]: value })))
        .slice(0, maxCombinations + 1),
    [{}],
  );
}

/** `app` with python 3.12 is `app-3.12`, unless its name says where the value belongs. */
function nameOf(name: string, values: Parameters): string {
  const isNamed = parametersIn(name).some((parameter) => Object.hasOwn(values, parameter));
  return isNamed ? fillIn(values)(name) : [name, ...Object.values(values)].join("-");
}

/** `${python}` belongs to a shell. */
function fillIn(values: Parameters): (text: string) => string {
  return (text) =>
    text.replace(/(?<!\$)\{([A-Za-z_]\w*)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
    );
}

/** To come after a step with a matrix is to come after all that it makes. */
function replaceAfter(step: unknown, names: ReadonlyMap<string, readonly string[]>): unknown {
  if (!isEntries(step) || step.after === undefined) return step;
  const after = [step.after].flat();
  if (!after.some((name) => typeof name === "string" && names.has(name))) return step;
  return {
    ...step,
    after: after.flatMap((name) => (typeof name === "string" ? [...(names.get(name) ?? [name])] : [name])),
  };
}
