import { expect, test } from "vitest";
import { didYouMean } from "../../../shared/validation/did-you-mean.ts";

test.each([
  ["bse", ["base", "api"], '; did you mean "base"?'],
  ["form", ["from"], '; did you mean "from"?'],
  ["europe/paris", ["Europe/London", "Europe/Paris"], '; did you mean "Europe/Paris"?'],
  ["nope", ["base", "api"], ""],
  ["anything", [], ""],
])("the hint for %s among %j is %j", (word, known, hint) => {
  expect(didYouMean(word, known)).toBe(hint);
});
