// Reads the JSON form of an HCL file: objects are blocks by their labels, and texts are templates.
import { parseJson } from "../../../../shared/validation/parse-json.ts";
import { parseWhole } from "./parse-expression.ts";
import { parseTemplate } from "./parse-template.ts";
import { type Block, type Body, type Expression, SyntaxProblem } from "./syntax.ts";

/** How many labels a block of each type has. Anything else on top is an attribute. */
export type BlockTypes = ReadonlyMap<string, number>;

const maxDepth = 100;

export function parseJsonFile(text: string, types: BlockTypes): Body {
  const document = parseJson(text.replace(/^\uFEFF/, ""));
  if (document === undefined) {
    throw new SyntaxProblem("expected JSON without comments and trailing commas, found something else");
  }
  if (!isObject(document)) throw new SyntaxProblem("expected a JSON object");
  const body: Body = { attributes: new Map(), blocks: [] };
  for (const [name, value] of Object.entries(document)) {
    const labels = types.get(name);
    if (labels === undefined) body.attributes.set(name, toExpression(value, 0));
    else body.blocks.push(...blocksOf(name, [], value, labels));
  }
  return body;
}

/** Each level of labels is an object, or a list of objects. */
function blocksOf(type: string, labels: readonly string[], value: unknown, missing: number): Block[] {
  if (Array.isArray(value)) return value.flatMap((item) => blocksOf(type, labels, item, missing));
  if (!isObject(value)) {
    throw new SyntaxProblem(
      `expected an object for ${[type, ...labels].map((name) => JSON.stringify(name)).join(" ")}`,
    );
  }
  const entries = Object.entries(value);
  if (missing > 0)
    return entries.flatMap(([label, inner]) => blocksOf(type, [...labels, label], inner, missing - 1));
  const attributes = new Map(entries.map(([name, inner]) => [name, toExpression(inner, 0)]));
  return [{ type, labels, body: { attributes, blocks: [] } }];
}

function toExpression(value: unknown, depth: number): Expression {
  if (depth > maxDepth) throw new SyntaxProblem(`expected at most ${maxDepth} levels of nesting`);
  if (Array.isArray(value))
    return { kind: "list", items: value.map((item) => toExpression(item, depth + 1)) };
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => [{ kind: "literal", value: key }, toExpression(item, depth + 1)] as const,
    );
    return { kind: "map", entries };
  }
  if (typeof value === "string") return parseTemplate(value, 0, parseWhole);
  return { kind: "literal", value: typeof value === "number" || typeof value === "boolean" ? value : null };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
