// The syntax trees of HCL's expressions and bodies. Expressions of GitHub's workflows have the same trees.

export type Expression =
  | { kind: "literal"; value: string | number | boolean | null }
  /** A text with `${…}` in it. */
  | { kind: "template"; parts: readonly Expression[] }
  | { kind: "name"; name: string }
  | { kind: "member"; of: Expression; key: Expression }
  /** `of[*].path` */
  | { kind: "splat"; of: Expression; path: readonly Expression[] }
  | { kind: "call"; name: string; args: readonly Expression[]; isSpread: boolean }
  | { kind: "list"; items: readonly Expression[] }
  | { kind: "map"; entries: readonly (readonly [Expression, Expression])[] }
  | { kind: "for"; loop: Loop }
  | { kind: "unary"; operator: "!" | "-"; of: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "conditional"; condition: Expression; yes: Expression; no: Expression };

/** `[for key, value in list : result if condition]`; a map if `resultKey` is given. */
export type Loop = {
  keyName: string | null;
  valueName: string;
  list: Expression;
  resultKey: Expression | null;
  result: Expression;
  condition: Expression | null;
  isGrouped: boolean;
};

export type Body = { attributes: Map<string, Expression>; blocks: Block[] };
export type Block = { type: string; labels: readonly string[]; body: Body };

/** The text does not have the syntax. The message never repeats the text, which may contain secrets. */
export class SyntaxProblem extends Error {
  override readonly name = "SyntaxProblem";
}
