// Evaluates expressions of HCL. What has no value is `unknown`, so that one bad attribute costs nothing else.
import { listFunctions } from "./functions-lists.ts";
import { type HclFunction, textFunctions } from "./functions-text.ts";
import type { Expression, Loop } from "./syntax.ts";
import {
  isEqual,
  isMap,
  textOrNull,
  toBoolean,
  toList,
  toNumber,
  toText,
  unknown,
  type Value,
  ValueProblem,
} from "./value.ts";

export type UserFunction = { params: readonly string[]; variadic: string | null; result: Expression };
export type Scope = {
  /** Undefined if there is no such variable. */
  variable: (name: string) => Value | undefined;
  functions: ReadonlyMap<string, UserFunction>;
  /** What remains of the work that one file may cost. */
  budget: { steps: number };
};

const builtIn = new Map<string, HclFunction>([
  ...Object.entries(textFunctions),
  ...Object.entries(listFunctions),
]);

/** Never throws: `unknown` if the expression has no value. */
export function evaluate(expression: Expression, scope: Scope): Value {
  try {
    return resolve(expression, scope);
  } catch (error) {
    if (error instanceof ValueProblem || error instanceof RangeError) return unknown;
    throw error;
  }
}

function resolve(expression: Expression, scope: Scope): Value {
  scope.budget.steps -= 1;
  if (scope.budget.steps < 0) throw new ValueProblem("expected less work");
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "template":
      return templateOf(expression.parts, scope);
    case "name":
      return defined(scope.variable(expression.name));
    case "member":
      return memberOf(resolve(expression.of, scope), resolve(expression.key, scope));
    case "splat":
      return splatOf(resolve(expression.of, scope), expression.path, scope);
    case "call":
      return callOf(expression, scope);
    case "list":
      return expression.items.map((item) => evaluate(item, scope));
    case "map":
      return new Map(
        expression.entries.map(([key, value]) => [toText(resolve(key, scope)), evaluate(value, scope)]),
      );
    case "for":
      return forOf(expression.loop, scope);
    case "unary": {
      const value = known(resolve(expression.of, scope));
      return expression.operator === "!" ? !toBoolean(value) : -toNumber(value);
    }
    case "binary":
      return binaryOf(expression, scope);
    case "conditional": {
      const condition = toBoolean(known(resolve(expression.condition, scope)));
      return resolve(condition ? expression.yes : expression.no, scope);
    }
  }
}

function missing(what: string): never {
  throw new ValueProblem(`expected ${what}`);
}

/** Null is a value. */
function defined(value: Value | undefined): Value {
  return value === undefined ? missing("a value") : value;
}

function known(value: Value): Value {
  return value === unknown ? missing("a known value") : value;
}

function templateOf(parts: readonly Expression[], scope: Scope): Value {
  const values = parts.map((part) => resolve(part, scope));
  // A variable that is null in a text is empty, as older versions of bake have it.
  return values.map((value) => (value === null ? "" : toText(known(value)))).join("");
}

function memberOf(of: Value, key: Value): Value {
  known(of);
  return defined(isMap(of) ? of.get(toText(key)) : toList(of)[toNumber(key)]);
}

function splatOf(of: Value, path: readonly Expression[], scope: Scope): Value {
  const items = Array.isArray(known(of)) ? toList(of) : of === null ? [] : [of];
  return items.map((item) => path.reduce<Value>((value, key) => memberOf(value, resolve(key, scope)), item));
}

function callOf({ name, args, isSpread }: Extract<Expression, { kind: "call" }>, scope: Scope): Value {
  if (name === "can") return evaluate(args[0] ?? nothing, scope) !== unknown;
  if (name === "try") {
    return defined(args.map((arg) => evaluate(arg, scope)).find((value) => value !== unknown));
  }
  const values = args.map((arg) => resolve(arg, scope));
  const last = values.at(-1);
  const spread = isSpread && last !== undefined ? [...values.slice(0, -1), ...toList(last)] : values;
  const own = scope.functions.get(name);
  if (own !== undefined) return applyOwn(own, spread, scope);
  const call = builtIn.get(name) ?? missing("a function");
  // Lists can have unknown items; what makes a text of them throws.
  return call(...spread.map(known));
}

const nothing: Expression = { kind: "name", name: "" };

function applyOwn({ params, variadic, result }: UserFunction, values: readonly Value[], scope: Scope): Value {
  const given = new Map(params.map((param, index) => [param, values[index] ?? null]));
  if (variadic !== null) given.set(variadic, values.slice(params.length));
  return resolve(result, {
    ...scope,
    variable: (name) => (given.has(name) ? given.get(name) : scope.variable(name)),
  });
}

function forOf(loop: Loop, scope: Scope): Value {
  const of = known(resolve(loop.list, scope));
  const entries: [Value, Value][] = isMap(of) ? [...of] : toList(of).map((item, index) => [index, item]);
  const items: Value[] = [];
  const grouped = new Map<string, Value>();
  for (const [key, value] of entries) {
    const inner = withNames(
      scope,
      new Map([
        [loop.keyName ?? "", key],
        [loop.valueName, value],
      ]),
    );
    if (loop.condition !== null && !toBoolean(known(resolve(loop.condition, inner)))) continue;
    const result = evaluate(loop.result, inner);
    if (loop.resultKey === null) items.push(result);
    else {
      const name = toText(resolve(loop.resultKey, inner));
      const before = grouped.get(name);
      grouped.set(name, loop.isGrouped ? [...(Array.isArray(before) ? before : []), result] : result);
    }
  }
  return loop.resultKey === null ? items : grouped;
}

/** The names hide variables. */
export function withNames(scope: Scope, names: ReadonlyMap<string, Value>): Scope {
  return { ...scope, variable: (name) => (names.has(name) ? names.get(name) : scope.variable(name)) };
}

function binaryOf({ operator, left, right }: Extract<Expression, { kind: "binary" }>, scope: Scope): Value {
  const first = known(resolve(left, scope));
  if (operator === "&&") return toBoolean(first) && toBoolean(known(resolve(right, scope)));
  if (operator === "||") return toBoolean(first) || toBoolean(known(resolve(right, scope)));
  const second = known(resolve(right, scope));
  if (operator === "==") return isEqual(first, second);
  if (operator === "!=") return !isEqual(first, second);
  // "+" of texts is no HCL.
  if (textOrNull(first) === "" || textOrNull(second) === "") return missing("numbers");
  const [a, b] = [toNumber(first), toNumber(second)];
  const results = new Map<string, Value>([
    ["+", a + b],
    ["-", a - b],
    ["*", a * b],
    ["/", a / b],
    ["%", a % b],
    ["<", a < b],
    [">", a > b],
    ["<=", a <= b],
    [">=", a >= b],
  ]);
  return results.get(operator) ?? missing("an operator");
}
