import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseOf, writeOutcome } from "../../../../functions/local/commands/command-files.ts";
import { type FollowedOutput, followOutput } from "../../../../functions/local/commands/follow-output.ts";
import { createOutputLog } from "../../../../functions/local/commands/output-log.ts";
import { recordCommand } from "../../../stand-ins/record-command.ts";
import { build } from "../../../stand-ins/trigger-context.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tagrelay-follow-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let commands = 0;
const pieceBytes = 10;

async function openCommand() {
  commands += 1;
  const base = baseOf(folder, { ...build, runId: `run-${commands}` });
  await recordCommand(base, { run: "x", stopGraceMs: 0, outputPieceBytes: pieceBytes, writtenAt: 0 });
  const log = createOutputLog(base, pieceBytes);
  return {
    base,
    write: (bytes: Buffer) => log.write(bytes),
    end: async (code = 0) => {
      log.close();
      await writeOutcome(base, { ending: { kind: "exited", code }, endedAt: 0, reportedAt: null });
    },
  };
}

const followAll = (base: string, from = 0, signal = new AbortController().signal) =>
  followOutput(base, { from, pollMs: 1, signal });
const textOf = (events: readonly FollowedOutput[]) =>
  events.map((event) => (event.kind === "output" ? event.text : "")).join("");

test("a reader that keeps up gets every character once, wherever writes and pieces cut them, also if it begins again at any event", async () => {
  const chunk = fc.string({ unit: "grapheme", maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 8 }), fc.nat(), async (texts, again) => {
      const all = Buffer.from(texts.join("").toWellFormed());
      const { base, write, end } = await openCommand();
      const events: FollowedOutput[] = [];
      const reading = followAll(base);
      let next = reading.next();
      // Three bytes at a time split most characters that have more than one.
      for (let at = 0; at < all.length; at += 3) {
        write(all.subarray(at, at + 3));
        // Takes what there is, if anything is.
        const found = await Promise.race([next, new Promise<null>((done) => setTimeout(done, 3, null))]);
        if (found?.value === undefined) continue;
        events.push(found.value);
        next = reading.next();
      }
      await end();
      for (let found = await next; found.value !== undefined; found = await reading.next())
        events.push(found.value);
      expect(events.at(-1)).toMatchObject({ kind: "ended", end: { kind: "succeeded" }, offset: all.length });
      const omitted = events.some(({ kind }) => kind === "omitted");
      if (!omitted) expect(textOf(events)).toBe(all.toString());

      const from = events[again % events.length];
      const later: FollowedOutput[] = [];
      for await (const event of followAll(base, from?.offset)) later.push(event);
      const rest = all.subarray(from?.offset).toString();
      const isWhole = later.every(({ kind }) => kind !== "omitted");
      if (isWhole) expect(textOf(later)).toBe(rest);
      else expect(rest.endsWith(textOf(later).slice(-1))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a reader that comes late gets the kept start, how much is omitted, and the kept end", async () => {
  const { base, write, end } = await openCommand();
  write(Buffer.from("0123456789".repeat(5)));
  write(Buffer.from("tail"));
  await end(3);
  const events: FollowedOutput[] = [];
  for await (const event of followAll(base)) events.push(event);
  expect(events).toEqual([
    { kind: "output", text: "0123456789", offset: 10 },
    { kind: "omitted", bytes: 30, offset: 40 },
    { kind: "output", text: "0123456789tail", offset: 54 },
    { kind: "ended", end: { kind: "failed", reason: expect.stringContaining("exited with 3") }, offset: 54 },
  ]);
});

test("a reader may begin some bytes before the end, and never with half a character", async () => {
  const { base, write, end } = await openCommand();
  write(Buffer.from("ä".repeat(5)));
  await end();
  const { value } = await followAll(base, -3).next();
  expect(value).toEqual({ kind: "output", text: "ä", offset: 10 });
});

test("a reader that is stopped, or whose command is deleted, ends without an outcome", async () => {
  const { base, write } = await openCommand();
  write(Buffer.from("begun"));
  const stopping = new AbortController();
  const reading = followAll(base, 0, stopping.signal);
  expect((await reading.next()).value).toMatchObject({ text: "begun" });
  const next = reading.next();
  stopping.abort();
  expect(await next).toEqual({ done: true, value: undefined });

  const other = followAll(base);
  await other.next();
  rmSync(folder, { recursive: true });
  expect(await other.next()).toEqual({ done: true, value: undefined });
});
