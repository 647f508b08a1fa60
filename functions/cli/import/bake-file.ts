// Reads bake files, in HCL or JSON, and puts those together that bake reads together.
import { evaluate, type Scope, type UserFunction } from "./hcl/evaluate.ts";
import { parseFile } from "./hcl/parse-body.ts";
import { parseJsonFile } from "./hcl/parse-json.ts";
import type { Body, Expression } from "./hcl/syntax.ts";
import { SyntaxProblem } from "./hcl/syntax.ts";
import { textOrNull, unknown, type Value } from "./hcl/value.ts";
import { ImportError } from "./imported.ts";

export type BakeFile = {
  variables: Map<string, Expression>;
  functions: Map<string, UserFunction>;
  /** The attributes of each target; those of a later block of the same name win. */
  targets: Map<string, Map<string, Expression>>;
  groups: Map<string, Expression>;
};

const blockTypes = new Map([
  ["target", 1],
  ["group", 1],
  ["variable", 1],
  ["function", 1],
]);

export function readBakeFile(text: string, expected: string): BakeFile {
  if (text.trim() === "") throw new ImportError(`expected ${expected}, found an empty file`);
  try {
    return toBakeFile(text.trimStart().startsWith("{") ? parseJsonFile(text, blockTypes) : parseFile(text));
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new ImportError(`expected ${expected}, found another syntax: ${error.message}`, { cause: error });
  }
}

function toBakeFile({ attributes, blocks }: Body): BakeFile {
  const file: BakeFile = {
    variables: attributes,
    functions: new Map(),
    targets: new Map(),
    groups: new Map(),
  };
  for (const { type, labels, body } of blocks) {
    const [label = ""] = labels;
    const own = body.attributes;
    if (type === "variable") file.variables.set(label, own.get("default") ?? { kind: "literal", value: "" });
    else if (type === "target")
      file.targets.set(label, new Map([...(file.targets.get(label) ?? []), ...own]));
    else if (type === "group") file.groups.set(label, own.get("targets") ?? { kind: "list", items: [] });
    else if (type === "function") addFunction(label, own, file);
  }
  return file;
}

function addFunction(name: string, own: ReadonlyMap<string, Expression>, { functions }: BakeFile): void {
  const params = own.get("params");
  const variadic = own.get("variadic_params") ?? own.get("variadic_param");
  functions.set(name, {
    params: params?.kind === "list" ? params.items.map(nameIn) : [],
    variadic: variadic === undefined ? null : nameIn(variadic),
    result: own.get("result") ?? { kind: "literal", value: null },
  });
}

function nameIn(expression: Expression): string {
  if (expression.kind === "name") return expression.name;
  return expression.kind === "literal" ? String(expression.value) : "";
}

/** Later files win, as for bake. */
export function mergeBakeFiles(files: readonly BakeFile[]): BakeFile {
  const targets = new Map<string, Map<string, Expression>>();
  for (const file of files) {
    for (const [name, own] of file.targets)
      targets.set(name, new Map([...(targets.get(name) ?? []), ...own]));
  }
  return {
    variables: new Map(files.flatMap(({ variables }) => [...variables])),
    functions: new Map(files.flatMap(({ functions }) => [...functions])),
    targets,
    groups: new Map(files.flatMap(({ groups }) => [...groups])),
  };
}

const predefined = new Map<string, Value>([
  ["BAKE_CMD_CONTEXT", "."],
  ["BAKE_LOCAL_PLATFORM", "linux/amd64"],
]);

/** Variables have their defaults; those of the environment are not read. */
export function scopeOf({ variables, functions }: BakeFile): Scope {
  const values = new Map<string, Value>(predefined);
  const open = new Set<string>();
  const scope: Scope = { variable, functions, budget: { steps: 2_000_000 } };
  function variable(name: string): Value | undefined {
    const expression = variables.get(name);
    if (values.has(name) || expression === undefined) return values.get(name);
    // A variable of itself.
    if (open.has(name)) return unknown;
    open.add(name);
    const value = evaluate(expression, scope);
    open.delete(name);
    values.set(name, value);
    return value;
  }
  return scope;
}

export function targetsOfGroup(name: string, file: BakeFile, scope: Scope): string[] {
  const found = file.groups.get(name);
  const value = found === undefined ? [] : evaluate(found, scope);
  const names = Array.isArray(value) ? value : [value];
  return names.flatMap((item) => textOrNull(item) ?? []);
}
