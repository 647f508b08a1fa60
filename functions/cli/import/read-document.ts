// Parses JSON and YAML of others. What does not fit is told without repeating what may be a secret.
import { isMap, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { ConfigError } from "../../../shared/core/config-error.ts";
import { problemsOf, wordIssue } from "../../../shared/core/expectation.ts";
import { ImportError } from "./imported.ts";

export function readJson<T>(text: string, schema: z.ZodType<T>, what: string): T {
  if (text.trim() === "") throw new ImportError(`expected ${what}, found an empty file`);
  return check(parseJson(text, what), schema, what);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    // The error of the parser quotes the file.
    throw new ImportError(`expected ${what}, found what is not JSON (comments and trailing commas are not)`);
  }
}

export function readYaml<T>(text: string, schema: z.ZodType<T>, what: string): T {
  if (text.trim() === "") throw new ImportError(`expected ${what}, found an empty file`);
  return check(parseYaml(text, what), schema, what);
}

function parseYaml(text: string, what: string): unknown {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { merge: true, lineCounter, prettyErrors: false });
    const [problem] = document.errors;
    if (problem !== undefined) {
      const { line } = lineCounter.linePos(problem.pos[0]);
      throw new ImportError(`expected ${what}, found what is not YAML in line ${line} (${problem.code})`);
    }
    if (!isMap(document.contents)) throw new ImportError(`expected ${what}, found YAML that is no map`);
    return document.toJS();
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`expected ${what}, found YAML that cannot be read (too deep, or too many aliases)`);
  }
}

function check<T>(document: unknown, schema: z.ZodType<T>, what: string): T {
  refusePrototype(document, what, 0);
  const parsed = schema.safeParse(document, { error: wordIssue, reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = new ConfigError(problemsOf(parsed.error).slice(0, 5)).message;
  throw new ImportError(`expected ${what}, found another form:\n${problems}`);
}

/** zod passes over keys of this name, and what nobody reads must not look as if it were read. */
function refusePrototype(value: unknown, what: string, depth: number): void {
  if (depth > 100) throw new ImportError(`expected ${what}, found one that is more than 100 levels deep`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__")
      throw new ImportError(`expected ${what}, found the name "__proto__" in it; choose another`);
    refusePrototype(inner, what, depth + 1);
  }
}
