import fc from "fast-check";
import { expect, test } from "vitest";
import { fitInto, isLink } from "../../../shared/channels/fit-into.ts";

const escapeAnd = (piece: string) => piece.replaceAll("&", "&amp;");

test.each([
  ["short", 5, "short"],
  ["a little longer", 5, "a li…"],
  ["😀😀😀", 6, "😀😀😀"],
  // Never half a character.
  ["😀😀😀", 5, "😀😀…"],
  ["😀😀😀", 4, "😀…"],
  ["&&", 10, "&amp;&amp;"],
  ["&&&", 11, "&amp;&amp;…"],
  ["", 5, ""],
])("%j shortened to %i is %j", (text, maxLength, expected) => {
  expect(fitInto(text, maxLength, escapeAnd)).toBe(expected);
});

test("a link is one piece, without the punctuation after it", () => {
  const links: string[] = [];
  const note = (piece: string) => {
    if (isLink(piece)) links.push(piece);
    return piece;
  };
  const text =
    "see https://ci.example.org/a_b?c=d&e (or https://x.example/1). https:// is not one, nor is http://y.example";
  expect(fitInto(text, 1_000, note)).toBe(text);
  expect(links).toEqual(["https://ci.example.org/a_b?c=d&e", "https://x.example/1"]);
});

test("any text is within the limit, well formed, and whole if it fits", () => {
  const texts = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 100 }), (text, maxLength) => {
      const fitted = fitInto(text, maxLength, escapeAnd);
      expect(fitted.length).toBeLessThanOrEqual(maxLength);
      expect(fitted.isWellFormed()).toBe(true);
      if (escapeAnd(text).length <= maxLength) expect(fitted).toBe(escapeAnd(text));
      else expect(fitted.endsWith("…")).toBe(true);
    }),
  );
});
