// Generates hostile texts and JSON values.

import type { Random } from "../random.ts";
import { pickMaker } from "./pick-maker.ts";

/** Must never appear as a log line or on a page. */
export const forgedLine = '{"at":"2026-01-01T00:00:00.000Z","level":"error","event":"forged"}';
export const markup = "<script>fuzz()</script>";

const long = (length: number) => "x".repeat(length);

export function weirdText(random: Random): string {
  return pickMaker(random, [
    () => "",
    () =>
      random.pick([
        "__proto__",
        "constructor",
        "prototype",
        "toString",
        "hasOwnProperty",
        "__defineGetter__",
      ]),
    () => random.pick(["acme/chain", "acme/wide", "a", "b", "latest", "chain", "wide", "base"]),
    () => random.pick(["/", ".", "..", "../../x", "a/b/c/d", " ", "\t", "a b", "a:b:c", "library/x", "x/"]),
    () =>
      random.pick([
        "\u0000",
        "\r\nx-forged: 1\r\n\r\n",
        "\u001b[2J\u001b[31m",
        "\u2028\u2029\u0085",
        "\u007f\u009b1m",
      ]),
    () => `\n${forgedLine}\n`,
    () => markup,
    () => random.pick(["\ufeff", "\u202e", "💥", "e\u0301\u0301\u0301", "Ａ", "ı", "ß", "\u{10ffff}"]),
    () => random.pick(["%s%n%d", "{{7*7}}", `\${7*7}`, "' or 1=1 --", "$(id)", "`id`", "*", "?", "#", "&"]),
    () =>
      random.pick(["null", "undefined", "NaN", "Infinity", "-0", "1e999", "0x10", "true", "[object Object]"]),
    () => long(random.pick([127, 128, 255, 511, 512, 513, 1_025, 2_100])),
    () => "\u{1f4a5}".repeat(random.pick([127, 256, 512])),
    () =>
      String.fromCodePoint(
        ...Array.from({ length: 1 + random.integer(0, 12 - 1) }, () => random.integer(0, 0xd7ff - 1)),
      ),
  ]);
}

const numbers = [
  "0",
  "-0",
  "1",
  "-1",
  "1e400",
  "-1e400",
  "1e-400",
  "123456789012345678901234567890",
  "0.1",
  "1.7e9",
] as const;

/** JSON that parses, of any type. */
export function weirdJson(random: Random, depth = 0): string {
  const kind = random.integer(0, depth > 3 ? 6 : 8 - 1);
  if (kind === 0) return random.pick(["null", "true", "false"]);
  if (kind === 1) return random.pick([...numbers]);
  if (kind === 2) return random.pick(['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u2028"', '"\\/"']);
  if (kind < 6) return JSON.stringify(weirdText(random));
  const items = Array.from({ length: random.integer(0, 4 - 1) }, () => weirdJson(random, depth + 1));
  if (kind === 6) return `[${items.join(",")}]`;
  return `{${items.map((item) => `${JSON.stringify(weirdText(random))}:${item}`).join(",")}}`;
}
