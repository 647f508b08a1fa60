// Follows the output of a command until the command has ended. It only reads files, and only when its reader asks for more: a
// slow reader costs neither memory nor the command's time, and what it comes too late for is omitted.
import { setTimeout as sleep } from "node:timers/promises";
import type { BuildEnd } from "../../../shared/kinds/builder.ts";
import { type Base, readOutcome, readRecord } from "./command-files.ts";
import { endWithReason } from "./follow-command.ts";
import { outputSize, readOutputPart, restOfCharacter, wholeCharacters } from "./output-part.ts";

export type FollowedOutput =
  /** `offset` is the position after it. */
  | { kind: "output"; text: string; offset: number }
  | { kind: "omitted"; bytes: number; offset: number }
  | { kind: "ended"; end: BuildEnd; offset: number };

/** The position in bytes; a negative one counts from what is the end now. */
export type FollowOptions = { from: number; pollMs: number; signal: AbortSignal };

const maxPartBytes = 64 * 1024;

/** Returns without `ended` if the signal is aborted, or the files of the command are deleted. */
export async function* followOutput(
  base: Base,
  { from, pollMs, signal }: FollowOptions,
): AsyncGenerator<FollowedOutput, void, undefined> {
  const record = await readRecord(base);
  if (record === null) return;
  const { outputPieceBytes } = record;
  let offset = from < 0 ? Math.max(0, (await outputSize(base, outputPieceBytes)) + from) : from;
  let isCut = from < 0 && offset > 0;
  while (!signal.aborted) {
    // Before the output: all of it is written when the outcome is.
    const outcome = await readOutcome(base);
    for (;;) {
      const part = await readOutputPart(base, outputPieceBytes, offset, maxPartBytes);
      const cut = isCut || part.omittedBytes > 0 ? restOfCharacter(part.bytes) : 0;
      const isLast = outcome !== null && part.bytes.length < maxPartBytes;
      const shown = part.bytes.subarray(cut, isLast ? part.bytes.length : wholeCharacters(part.bytes));
      const start = part.offset - part.bytes.length + cut;
      if (part.omittedBytes > 0) {
        yield { kind: "omitted", bytes: part.omittedBytes + cut, offset: start };
      }
      offset = start + shown.length;
      isCut &&= part.bytes.length === 0;
      if (shown.length > 0) yield { kind: "output", text: shown.toString(), offset };
      if (shown.length === 0 || signal.aborted) break;
    }
    if (outcome !== null)
      return yield { kind: "ended", end: await endWithReason(base, record, outcome), offset };
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    if ((await readRecord(base)) === null) return;
  }
}
