import { expect, test } from "vitest";
import { createLog } from "../../shared/log.ts";

const now = Date.UTC(2026, 10, 20, 3);

function logged(reason: string): string {
  const lines: string[] = [];
  createLog(
    (line) => void lines.push(line),
    () => now,
  )("warn", { event: "test", run: null, reason });
  return lines.join("");
}

test("an entry is one line of JSON with its instant and level first", () => {
  expect(logged("so")).toBe(
    '{"at":"2026-11-20T03:00:00.000Z","level":"warn","event":"test","run":null,"reason":"so"}\n',
  );
});

test.each(['x\n{"level":"error"}', "x\r\ny", "\u2028\u2029", "\u001b[2J", '"},{"', "\ud800"])(
  "no text can break the line: %j",
  (text) => {
    const line = logged(text);
    for (const broken of ["\n", "\r", "\u001b"]) expect(line.slice(0, -1)).not.toContain(broken);
    expect(JSON.parse(line).reason).toBe(text);
  },
);

test("a long text is cut", () => {
  expect(JSON.parse(logged("x".repeat(10_000))).reason).toBe(`${"x".repeat(500)}…`);
});
