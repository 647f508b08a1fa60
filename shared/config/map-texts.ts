// Changes the texts of a document before it is checked.

export type Entries = Record<string, unknown>;

export function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The document with other pipelines; what is no map stays as it is, for the grammar to report. */
export function mapPipelines(document: unknown, map: (pipeline: Entries, name: string) => Entries): unknown {
  if (!isEntries(document) || !isEntries(document.pipelines)) return document;
  const pipelines = Object.entries(document.pipelines).map(([name, pipeline]) => [
    name,
    isEntries(pipeline) ? map(pipeline, name) : pipeline,
  ]);
  return { ...document, pipelines: Object.fromEntries(pipelines) };
}

/** Changes all texts within a value, but no keys. */
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map));
  if (!isEntries(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, map)]));
}

export function someText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === "string") return holds(value);
  return (
    typeof value === "object" && value !== null && Object.values(value).some((one) => someText(one, holds))
  );
}
