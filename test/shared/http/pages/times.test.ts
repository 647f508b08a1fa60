import { expect, test } from "vitest";
import { ago, elapsed, exact, until } from "../../../../shared/http/pages/times.ts";

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 21, 12, 34, 56);

test.each([
  [0, "just now"],
  [59_999, "just now"],
  [minute, "1 min ago"],
  [59 * minute, "59 min ago"],
  [3.9 * hour, "3 h ago"],
  [47.9 * hour, "47 h ago"],
  [48 * hour, "2 d ago"],
])("%i ms ago is shown as %s", (ms, words) => expect(ago(now - ms, now)).toBe(words));

test.each([
  [30_000, "in less than a minute"],
  [5 * hour + 1, "in 5 h"],
])("%i ms from now is shown as %s", (ms, words) => expect(until(now + ms, now)).toBe(words));

test.each([
  [0, "0s"],
  [12_900, "12s"],
  [65_000, "1m 00s"],
  [79_999, "1m 10s"],
  [2 * hour + 59_999, "2h 00m"],
])("%i ms so far are shown coarsely, as %s", (ms, words) => expect(elapsed(now - ms, now)).toBe(words));

test("an exact instant names its time zone, UTC", () => expect(exact(now)).toBe("2026-11-21 12:34 UTC"));
