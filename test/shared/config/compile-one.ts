// Compiles a configuration of one pipeline, for the tests of single settings.
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";

export const compile = (pipeline: object, more: object = {}) =>
  compileConfig({ pipelines: { p: pipeline }, ...more }).pipelines[0];

/** The lines of the error, or none. */
export function problemsOf(pipeline: object, more: object = {}): string[] {
  try {
    compile(pipeline, more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

export const steps = {
  base: { image: "acme/base:1" },
  web: { image: "acme/web:1", after: "base" },
};
