import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOutcome, readRecord } from "../../../../functions/local/commands/command-files.ts";

test("the files that an earlier version wrote can be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-"));
  const base = join(folder, "run.step.1");
  const common = { pipeline: "p", runId: "r", step: "s", attempt: 1, run: "make", directory: "/" };
  const waits = { timeoutMs: 1, stopGraceMs: 1, writtenAt: 5 };
  writeFileSync(`${base}.json`, JSON.stringify({ ...common, ...waits, keptBytes: 100 }));
  const outcome = { how: { kind: "exited", code: 0 }, endedAt: 6, toldAt: null };
  writeFileSync(`${base}.outcome.json`, JSON.stringify(outcome));
  expect(await readRecord(base)).toEqual({ ...common, builder: null, ...waits, outputPieceBytes: 100 });
  expect(await readOutcome(base)).toEqual({
    ending: { kind: "exited", code: 0 },
    endedAt: 6,
    reportedAt: null,
  });
  rmSync(folder, { recursive: true });
});
