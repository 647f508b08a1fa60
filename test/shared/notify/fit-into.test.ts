import fc from "fast-check";
import { expect, test } from "vitest";
import { fitInto, isLink } from "../../../shared/notify/fit-into.ts";

const escapeAnd = (piece: string) => piece.replaceAll("&", "&amp;");

test.each([
  ["short", 5, "short"],
  ["a little longer", 5, "a li…"],
  ["😀😀😀", 6, "😀😀😀"],
  // No half of a character is left.
  ["😀😀😀", 5, "😀😀…"],
  ["😀😀😀", 4, "😀…"],
  ["&&", 10, "&amp;&amp;"],
  ["&&&", 11, "&amp;&amp;…"],
  ["", 5, ""],
])("%j within %i is %j", (text, atMost, expected) => {
  expect(fitInto(text, atMost, escapeAnd)).toBe(expected);
});

test("a link is one piece, without what ends the sentence around it", () => {
  const links: string[] = [];
  const note = (piece: string) => {
    if (isLink(piece)) links.push(piece);
    return piece;
  };
  const text =
    "see https://ci.example.org/a_b?c=d&e (or https://x.example/1). https:// is none, http://y.example too";
  expect(fitInto(text, 1_000, note)).toBe(text);
  expect(links).toEqual(["https://ci.example.org/a_b?c=d&e", "https://x.example/1"]);
});

test("any text is within the limit, well formed, and whole where it fits", () => {
  const texts = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 100 }), (text, atMost) => {
      const fitted = fitInto(text, atMost, escapeAnd);
      expect(fitted.length).toBeLessThanOrEqual(atMost);
      expect(fitted.isWellFormed()).toBe(true);
      if (escapeAnd(text).length <= atMost) expect(fitted).toBe(escapeAnd(text));
      else expect(fitted.endsWith("…")).toBe(true);
    }),
  );
});
