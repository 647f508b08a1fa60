import { expect, test } from "vitest";
import { readRetryAfter } from "../../../shared/outgoing/retry-after.ts";

const now = Date.UTC(2026, 10, 20, 3);

test.each([
  ["120", 120_000],
  ["0.25", 250],
  ["1.0001", 1_001],
  ["999999999", 999_999_999_000],
  ["Fri, 20 Nov 2026 03:00:01 GMT", 1_000],
  [" Fri, 20 Nov 2026 04:00:00 GMT ", 3_600_000],
  ["Fri, 20 Nov 2026 03:00:00 GMT", 0],
])("a Retry-After of %j means %i ms", (value, waitMs) => {
  expect(readRetryAfter(value, now)).toBe(waitMs);
});

// Date.parse reads almost any text with a number as a date.
test.each([
  "retry 5",
  "about 1",
  "foo 1",
  "May",
  "Fri, 99 Nov 2026 03:00:00 GMT",
  "1e3",
  "0x10",
  "1.5.5",
  "5s",
  "5,",
  "+5",
  "NaN",
  "Infinity",
  "null",
  " ",
  "2026-11-20T04:00:00",
  "\u0665",
])("a Retry-After of %j is unreadable", (value) => {
  expect(readRetryAfter(value, now)).toBeNull();
});
