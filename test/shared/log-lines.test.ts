import { expect, test } from "vitest";
import { createLog } from "../../shared/log.ts";

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

test("whatever characters a text has, the entry is one line without control characters, and keeps the text", () => {
  const codes = [...Array(0x300).keys(), 0x2028, 0x2029, 0xd800, 0xdfff, 0xfeff, 0xffff];
  for (const code of codes) {
    const text = `a${String.fromCharCode(code)}b`;
    const line = lines({ text });
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(line.endsWith("}\n")).toBe(true);
    expect(JSON.parse(line).text).toBe(text);
  }
});

test("names of fields cannot break the line either", () => {
  const line = lines({ "a\nb\u2028c\u009b": 1 });
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(line)).toMatchObject({ "a\nb\u2028c\u009b": 1 });
});

test("a text of 500 characters is whole, and a longer one is cut with an ellipsis", () => {
  expect(JSON.parse(lines({ text: "x".repeat(500) })).text).toBe("x".repeat(500));
  expect(JSON.parse(lines({ text: "x".repeat(501) })).text).toBe(`${"x".repeat(500)}…`);
});

test("a line stays short, however long a text is and however much of it is escaped", () => {
  for (const text of ["x".repeat(5_000_000), "\u0000".repeat(5_000_000), "😀".repeat(1_000_000)]) {
    expect(Buffer.byteLength(lines({ text }))).toBeLessThan(4_000);
  }
});

test("an undefined field is omitted, and null is written", () => {
  expect(JSON.parse(lines({ a: undefined, b: null, c: 0 }))).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    level: "info",
    event: "test",
    b: null,
    c: 0,
  });
});
