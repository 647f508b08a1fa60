import { expect, test } from "vitest";
import { createLog } from "../../../shared/log/log.ts";

function lines(entry: Record<string, string | number | null | undefined>): string {
  let written = "";
  const log = createLog(
    (line) => {
      written += line;
    },
    () => 0,
  );
  log("info", { event: "test", ...entry });
  return written;
}

test("whatever character a text holds, the line is one line without control characters, and tells it", () => {
  const codes = [...Array(0x300).keys(), 0x2028, 0x2029, 0xd800, 0xdfff, 0xfeff, 0xffff];
  for (const code of codes) {
    const text = `a${String.fromCharCode(code)}b`;
    const line = lines({ text });
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(line.endsWith("}\n")).toBe(true);
    expect(JSON.parse(line).text).toBe(text);
  }
});

test("names of fields break no line either", () => {
  const line = lines({ "a\nb\u2028c\u009b": 1 });
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(line)).toMatchObject({ "a\nb\u2028c\u009b": 1 });
});

test("a text of 500 characters is whole, and a longer one is cut and says so", () => {
  expect(JSON.parse(lines({ text: "x".repeat(500) })).text).toBe("x".repeat(500));
  expect(JSON.parse(lines({ text: "x".repeat(501) })).text).toBe(`${"x".repeat(500)}…`);
});

test("a line stays short, however long a text and however much it has to be escaped", () => {
  for (const text of ["x".repeat(5_000_000), "\u0000".repeat(5_000_000), "😀".repeat(1_000_000)]) {
    expect(Buffer.byteLength(lines({ text }))).toBeLessThan(4_000);
  }
});

test("a field without a value is left out, and null is told", () => {
  expect(JSON.parse(lines({ a: undefined, b: null, c: 0 }))).toEqual({
    ...{ at: "1970-01-01T00:00:00.000Z", level: "info", event: "test" },
    ...{ b: null, c: 0 },
  });
});
