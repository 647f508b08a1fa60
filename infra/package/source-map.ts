// Reads the source maps of the functions' code.
import * as z from "zod";

const schema = z.looseObject({ sources: z.array(z.string()), sourcesContent: z.array(z.string()) });

/** The paths of the files that are part of the code. */
export function sourcesOf(sourceMap: string): string[] {
  return schema.parse(JSON.parse(sourceMap)).sources;
}

/** Files and lines are enough to translate a stack trace, and the texts are three quarters of a map. */
export function withoutSources(sourceMap: string): string {
  const { sourcesContent: _texts, ...rest } = schema.parse(JSON.parse(sourceMap));
  return JSON.stringify(rest);
}
