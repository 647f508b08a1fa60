// What is kept of each command in the data folder: what was asked for, which process sees to it, how it ended.
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import type { Build } from "../../../shared/triggers/trigger.ts";

export type CommandKey = Pick<Build, "runId" | "step" | "attempt">;

const recordSchema = z.object({
  pipeline: z.string(),
  runId: z.string(),
  step: z.string(),
  attempt: z.int(),
  run: z.union([z.string(), z.array(z.string())]),
  /** From the root on. */
  directory: z.string(),
  timeoutMs: z.number(),
  stopGraceMs: z.number(),
  /** So many bytes of the output's beginning, and of its end, are kept. */
  keptBytes: z.int(),
  writtenAt: z.number(),
});
/** Without the environment: it may have secrets, and they stand in no file. */
export type CommandRecord = z.infer<typeof recordSchema>;

const seenToSchema = z.object({
  /** Nobody, where it is 0: whoever comes later is too late. */
  supervisor: z.int().min(0),
  /** The command's own process group; null before it has begun. */
  group: z.int().positive().nullable(),
});
export type SeenTo = z.infer<typeof seenToSchema>;
export const byNobody: SeenTo = { supervisor: 0, group: null };

const howSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exited"), code: z.int() }),
  z.object({ kind: z.literal("signalled"), signal: z.string() }),
  z.object({ kind: z.literal("timedOut") }),
  z.object({ kind: z.literal("stopped") }),
  /** The process that saw to it has gone and left no word. */
  z.object({ kind: z.literal("lost") }),
  z.object({ kind: z.literal("neverStarted") }),
]);
export type How = z.infer<typeof howSchema>;

const outcomeSchema = z.object({ how: howSchema, endedAt: z.number(), toldAt: z.number().nullable() });
export type CommandOutcome = z.infer<typeof outcomeSchema>;

/** A command's files have this in common; it tells all commands apart. */
export type Base = string;

export function commandsFolder(data: string): string {
  return join(data, "commands");
}

export function runFolder(data: string, runId: string): string {
  return join(commandsFolder(data), /^\w[\w.-]{0,199}$/.test(runId) ? runId : fileName(runId));
}

export function baseOf(data: string, { runId, step, attempt }: CommandKey): Base {
  return join(runFolder(data, runId), `${fileName(step)}.${attempt}`);
}

/** Readable, and another for each name where large and small letters are one, however long. */
function fileName(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${encodeURIComponent(name.toWellFormed()).slice(0, 80)}-${hash}`;
}

/** The attempts that are kept of a step of a run, the last one first. */
export async function attemptsOf(
  data: string,
  { runId, step }: Omit<CommandKey, "attempt">,
): Promise<number[]> {
  const start = `${fileName(step)}.`;
  const names = await namesIn(runFolder(data, runId));
  const own = names.filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
  return own
    .flatMap((rest) => (/^\d+\.json$/.test(rest) ? [Number.parseInt(rest, 10)] : []))
    .sort((one, other) => other - one);
}

/** All commands of a run's folder. */
export async function basesIn(folder: string): Promise<Base[]> {
  const names = await namesIn(folder);
  return names.flatMap((name) =>
    /\.\d+\.json$/.test(name) ? [join(folder, name.slice(0, -".json".length))] : [],
  );
}

/** Nothing where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
}

/** By its path a supervisor knows its command, and is known by others. */
export const recordPath = (base: Base) => `${base}.json`;
const seenToPath = (base: Base) => `${base}.process.json`;
const outcomePath = (base: Base) => `${base}.outcome.json`;

export const readRecord = (base: Base) => readKept(recordPath(base), recordSchema);
export const readSeenTo = (base: Base) => readKept(seenToPath(base), seenToSchema);
export const readOutcome = (base: Base) => readKept(outcomePath(base), outcomeSchema);

export async function writeRecord(base: Base, record: CommandRecord): Promise<void> {
  await mkdir(dirname(base), { recursive: true, mode: 0o700 });
  await writeKept(recordPath(base), record);
}
export const writeSeenTo = (base: Base, seenTo: SeenTo) => writeKept(seenToPath(base), seenTo);
export const writeOutcome = (base: Base, outcome: CommandOutcome) => writeKept(outcomePath(base), outcome);

/** Takes a command for oneself; false where somebody has it already. */
export async function claim(base: Base, seenTo: SeenTo): Promise<boolean> {
  const own = `${seenToPath(base)}.${process.pid}`;
  await writeFile(own, JSON.stringify(seenTo), { mode: 0o600 });
  try {
    // Whole at once: nobody finds it half written.
    await link(own, seenToPath(base));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

export async function removeFiles(base: Base): Promise<void> {
  const own = (await namesIn(dirname(base))).filter((name) => name.startsWith(`${basename(base)}.`));
  // The record last: what has none is found by nobody.
  own.sort((one, other) => other.length - one.length);
  for (const name of own) await rm(join(dirname(base), name), { force: true });
}

/** Null for what is not there or cannot be read as such. */
async function readKept<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Beside and renamed: a kill leaves either all of it or nothing. */
async function writeKept(path: string, content: object): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
