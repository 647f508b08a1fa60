import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOutputLog, lastLineOf, readOutput } from "../../../../functions/local/commands/output-log.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tagrelay-output-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the start and the end of any output are kept, with the number of bytes between them", async () => {
  let outputs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(25), { maxLength: 12 }), async (sizes) => {
      const base = join(folder, `output-${outputs}`);
      outputs += 1;
      const output = createOutputLog(base, 10);
      let all = "";
      for (const [index, size] of sizes.entries()) {
        const chunk = String.fromCharCode(97 + index).repeat(size);
        all += chunk;
        output.write(Buffer.from(chunk));
      }
      output.close();
      const omitted = all.length - 20;
      const expected =
        omitted <= 0 ? all : `${all.slice(0, 10)}\n[… ${omitted} bytes omitted …]\n${all.slice(-10)}`;
      expect(await readOutput(base, 10)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test("a character that a cut splits is dropped", async () => {
  const base = join(folder, "cut");
  const output = createOutputLog(base, 3);
  output.write(Buffer.from("ääääää"));
  output.close();
  expect(await readOutput(base, 3)).toBe("ä\n[… 6 bytes omitted …]\nä");
  // The first piece and the last two.
  expect([0, 1, 2, 3].map((piece) => existsSync(`${base}.log${piece === 0 ? "" : `.${piece}`}`))).toEqual([
    ...[true, false, true, true],
  ]);
});

test("without output, there is none to read", async () => {
  expect(await readOutput(join(folder, "none"), 10)).toBeNull();
});

test.each([
  ["", null],
  ["\n \n", null],
  ["one\ntwo\n\n", "two"],
  ["10%\r50%\r100%\r\n", "100%"],
  ["\u001b[1;31mred\u001b[0m \u001b]0;title\u0007\n", "red"],
  ["a\u0000b\u0085c\tz", "a b c z"],
])("the last line of %j is %j", (output, line) => {
  expect(lastLineOf(output)).toBe(line);
});
