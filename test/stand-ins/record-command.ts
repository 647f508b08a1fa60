// The record of a command that nobody has started, as the program writes it before a start.
import { type Base, type CommandRecord, writeRecord } from "../../functions/local/commands/command-files.ts";
import { build } from "./trigger-context.ts";

export function recordCommand(base: Base, changes: Partial<CommandRecord> = {}): Promise<void> {
  const { pipeline, runId, step, attempt, timeoutMs } = build;
  return writeRecord(base, {
    pipeline,
    runId,
    step,
    attempt,
    timeoutMs,
    run: "true",
    directory: "/",
    stopGraceMs: 500,
    outputPieceBytes: 1_000,
    builder: null,
    writtenAt: Date.now(),
    ...changes,
  });
}
