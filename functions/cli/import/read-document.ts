// Parses JSON and YAML files. Errors never quote the file, which may contain secrets.
import { isMap, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { ConfigError } from "../../../shared/config/config-error.ts";
import { describeIssue, problemsOf } from "../../../shared/validation/expectation.ts";
import { parseJson } from "../../../shared/validation/parse-json.ts";
import { ImportError } from "./imported.ts";

export function readJson<T>(text: string, schema: z.ZodType<T>, expected: string): T {
  if (text.trim() === "") throw new ImportError(`expected ${expected}, found an empty file`);
  const document = parseJson(text.replace(/^\uFEFF/, ""));
  if (document === undefined) {
    throw new ImportError(
      `expected ${expected}, found invalid JSON (comments and trailing commas are not allowed)`,
    );
  }
  return check(document, schema, expected);
}

export function readYaml<T>(text: string, schema: z.ZodType<T>, expected: string): T {
  if (text.trim() === "") throw new ImportError(`expected ${expected}, found an empty file`);
  return check(parseYaml(text, expected), schema, expected);
}

function parseYaml(text: string, expected: string): unknown {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { merge: true, lineCounter, prettyErrors: false });
    const [problem] = document.errors;
    if (problem !== undefined) {
      const { line } = lineCounter.linePos(problem.pos[0]);
      throw new ImportError(`expected ${expected}, found invalid YAML in line ${line} (${problem.code})`);
    }
    if (!isMap(document.contents))
      throw new ImportError(`expected ${expected}, found YAML that is not a map`);
    return document.toJS();
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(
      `expected ${expected}, found YAML that cannot be read (nested too deeply, or too many aliases)`,
    );
  }
}

function check<T>(document: unknown, schema: z.ZodType<T>, expected: string): T {
  refusePrototype(document, expected, 0);
  const parsed = schema.safeParse(document, { error: describeIssue, reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = new ConfigError(problemsOf(parsed.error).slice(0, 5)).message;
  throw new ImportError(`expected ${expected}, found a different structure:\n${problems}`);
}

/** Zod ignores keys of this name without an error. */
function refusePrototype(value: unknown, expected: string, depth: number): void {
  if (depth > 100) throw new ImportError(`expected ${expected}, found more than 100 levels of nesting`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__")
      throw new ImportError(`expected ${expected}, found the name "__proto__"; choose another`);
    refusePrototype(inner, expected, depth + 1);
  }
}
