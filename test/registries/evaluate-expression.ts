// Evaluates expressions of workflows with GitHub's own evaluator, which needs a bundler.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "../stand-ins/program.ts";

/** The value of a text that is one expression; any other text with its expressions filled in. */
export type Evaluate = (text: string, context: object) => unknown;

const contents = `
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
const { reviver } = data;
export function evaluate(expression, context) {
  const names = Object.keys(context);
  const tree = new Parser(new Lexer(expression).lex().tokens, names, []).parse();
  const values = JSON.parse(JSON.stringify(context), reviver);
  return JSON.parse(JSON.stringify(new Evaluator(tree, values).evaluate(), data.replacer));
}
`;

let loaded: Promise<Evaluate> | null = null;

export function loadEvaluator(): Promise<Evaluate> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Evaluate> {
  const folder = mkdtempSync(join(tmpdir(), "expressions-"));
  const outfile = join(folder, "expressions.mjs");
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  const { evaluate } = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return (text, context) => {
    const [, only] = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim()) ?? [];
    if (only !== undefined) return evaluate(only.trim(), context);
    return text.replace(/\$\{\{((?:(?!\}\}).)*)\}\}/gs, (_whole, inner: string) => {
      const value: unknown = evaluate(inner.trim(), context);
      return value === null ? "" : String(value);
    });
  };
}
