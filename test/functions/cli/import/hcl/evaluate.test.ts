// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of HCL.
import { describe, expect, test } from "vitest";
import { evaluate, type Scope } from "../../../../../functions/cli/import/hcl/evaluate.ts";
import { parseText } from "../../../../../functions/cli/import/hcl/parse-expression.ts";
import { SyntaxProblem } from "../../../../../functions/cli/import/hcl/syntax.ts";
import { fromJson, toJson, unknown, type Value } from "../../../../../functions/cli/import/hcl/value.ts";

const variables = new Map<string, Value>([
  ["TAG", "1.2.3"],
  ["EMPTY", ""],
  ["NONE", null],
  ["LIST", ["a", "b"]],
  ["MAP", fromJson({ a: { name: "x", version: 1 }, b: { name: "y", version: 2 } })],
]);
const scope = (): Scope => ({
  variable: (name) => variables.get(name),
  functions: new Map([
    [
      "tag",
      { params: ["name"], variadic: null, result: parseText('["acme/${name}:${TAG}", "acme/${name}"]') },
    ],
    ["loop", { params: ["n"], variadic: null, result: parseText("loop(n)") }],
    ["all", { params: [], variadic: "names", result: parseText('join("+", names)') }],
  ]),
  budget: { steps: 100_000 },
});
const resolve = (text: string) => evaluate(parseText(text), scope());

describe("an expression of HCL", () => {
  test.each<[string, unknown]>([
    ['"acme/base:${TAG}"', "acme/base:1.2.3"],
    ['"${LIST}"', ["a", "b"]],
    ['"$${TAG} 100%"', "${TAG} 100%"],
    ['"a\\n\\"b\\" ${"nested ${TAG}"}"', 'a\n"b" nested 1.2.3'],
    ['"x${NONE}y"', "xy"],
    ["1 + 2 * 3 - 4 / 2", 5],
    ["-(1) < 2 && !(2 >= 3) || false", true],
    ['TAG == "1.2.3" ? "yes" : "no"', "yes"],
    ["NONE == null", true],
    ['NONE != null && NONE != "" ? "set" : "unset"', "unset"],
    ["MAP.a.name", "x"],
    ['MAP["b"].version', 2],
    ["LIST[1]", "b"],
    ["values(MAP)[*].name", ["x", "y"]],
    ['[for item in LIST : upper(item) if item != "b"]', ["A"]],
    ["{for key, value in MAP : value.name => key}", { x: "a", y: "b" }],
    ['{ a = 1, "b" : 2 }', { a: 1, b: 2 }],
    ["{\n a = 1\n b = [\n 1, # one\n 2,\n ]\n}", { a: 1, b: [1, 2] }],
    ['tag("base")', ["acme/base:1.2.3", "acme/base"]],
    ['all("x", "y")', "x+y"],
    ['join(",", concat(LIST, ["c"]))', "a,b,c"],
    ['join(".", slice(split(".", TAG), 0, 2))', "1.2"],
    ['replace(TAG, ".", "-")', "1-2-3"],
    ['replace("a1b", "/[0-9]/", "_")', "a_b"],
    ['regex_replace("v1", "^v", "")', "1"],
    ['regex("(\\\\d+)\\\\.(\\\\d+)", TAG)', ["1", "2"]],
    ['regexall("(?P<major>\\\\d+)\\\\.", TAG)[0].major', "1"],
    ['can(regex("^7", TAG))', false],
    ['try(MISSING, NONE.x, "fallback")', "fallback"],
    ['format("%s-%03d", "a", 7)', "a-007"],
    ['formatlist("%s:1", LIST)', ["a:1", "b:1"]],
    ['lower(trimsuffix("ABC", "C"))', "ab"],
    ['trimprefix("v1", "v")', "1"],
    ['notequal("a", "b") && equal(1, "1")', true],
    ['compact(distinct(["a", "", "a", "b"]))', ["a", "b"]],
    ["flatten([[1, [2]], 3])", [1, 2, 3]],
    ['contains(LIST, "b")', true],
    ['lookup(MAP, "z", "none")', "none"],
    ["merge({ a = 1 }, { b = 2 })", { a: 1, b: 2 }],
    ['setsubtract(LIST, ["a"])', ["b"]],
    [
      "setproduct(LIST, [1])",
      [
        ["a", 1],
        ["b", 1],
      ],
    ],
    ['jsondecode("{\\"a\\": [1]}").a[0]', 1],
    ['substr("abcdef", 1, 3)', "bcd"],
    ['sanitize("a.b/c")', "a_b_c"],
    ['coalesce(EMPTY, NONE, "x")', "x"],
    ["length(LIST) + strlen(TAG)", 7],
    ["max(1, 3) > min(2, 5)", true],
    ["<<-EOT\n    FROM alpine\n      RUN ${TAG}\n    EOT\n", "FROM alpine\n  RUN 1.2.3\n"],
  ])("%s has its value", (text, value) => {
    expect(toJson(resolve(text))).toEqual(value);
  });

  test.each([
    "MISSING",
    "MAP.c",
    "LIST[7]",
    'regex("x", TAG)',
    "timestamp()",
    '"at-${timestamp()}"',
    "nothing(1)",
    "loop(1)",
    "TAG && true",
    '"a" + 1',
    "range(0, 1e9)",
  ])("%s is unknown, and costs nothing else", (text) => {
    expect(resolve(text)).toBe(unknown);
    expect(evaluate(parseText(`[${text}, 1]`), scope())).toEqual([unknown, 1]);
  });

  test.each([
    "",
    "1 +",
    '"a',
    "[1",
    "{ a = }",
    "a b",
    "${x}",
    '"${"',
    `${"(".repeat(5000)}1${")".repeat(5000)}`,
  ])("%.20s is refused as no HCL, without its text", (text) => {
    expect(() => parseText(text)).toThrow(SyntaxProblem);
  });

  test("that asks for endless work is unknown", () => {
    const rows = "[for a in range(1000) : [for b in range(1000) : a * b]]";
    expect(toJson(evaluate(parseText(`length(flatten(${rows}))`), scope()))).not.toBe(1_000_000);
  });
});
