// The files of each command in the data folder: what to run, which process supervises it, and how it ended.
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import type { BuildRequest } from "../../../shared/kinds/builder.ts";

export type CommandKey = Pick<BuildRequest, "runId" | "step" | "attempt">;

/** Reads files that an earlier version wrote, with other names for some fields. */
function renamed<Fields extends z.ZodRawShape>(names: Record<string, string>, fields: Fields) {
  return z.preprocess((found) => {
    if (typeof found !== "object" || found === null) return found;
    return Object.fromEntries(Object.entries(found).map(([key, value]) => [names[key] ?? key, value]));
  }, z.object(fields));
}

const recordSchema = renamed(
  { keptBytes: "outputPieceBytes" },
  {
    pipeline: z.string(),
    runId: z.string(),
    step: z.string(),
    attempt: z.int(),
    run: z.union([z.string(), z.array(z.string())]),
    /** An absolute path. */
    directory: z.string(),
    timeoutMs: z.number(),
    stopGraceMs: z.number(),
    /** How many bytes to keep of the start of the output, and of its end. */
    outputPieceBytes: z.int(),
    writtenAt: z.number(),
    /** The address of the host that it builds on, if it was chosen. */
    builder: z.string().nullable().default(null),
  },
);
/** Without the environment, which may contain secrets: no file does. */
export type CommandRecord = z.infer<typeof recordSchema>;

const ownerSchema = z.object({
  /** A process id. 0 means that the command was given up: no supervisor may start it any more. */
  supervisor: z.int().min(0),
  /** The command's process group; null before it has started. */
  group: z.int().positive().nullable(),
});
export type Owner = z.infer<typeof ownerSchema>;
export const noOwner: Owner = { supervisor: 0, group: null };

const endingSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exited"), code: z.int() }),
  z.object({ kind: z.literal("signalled"), signal: z.string() }),
  z.object({ kind: z.literal("timedOut") }),
  z.object({ kind: z.literal("stopped") }),
  /** Its supervisor is gone without having written an outcome. */
  z.object({ kind: z.literal("lost") }),
  z.object({ kind: z.literal("neverStarted") }),
]);
export type Ending = z.infer<typeof endingSchema>;

const outcomeSchema = renamed(
  { how: "ending", toldAt: "reportedAt" },
  {
    ending: endingSchema,
    endedAt: z.number(),
    reportedAt: z.number().nullable(),
  },
);
export type CommandOutcome = z.infer<typeof outcomeSchema>;

/** The path that the files of a command start with. */
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

/** Readable, of limited length, and unique even on file systems that ignore case. */
function fileName(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${encodeURIComponent(name.toWellFormed()).slice(0, 80)}-${hash}`;
}

/** The attempts of a step that have files, the last one first. */
export async function attemptsOf(
  data: string,
  { runId, step }: Omit<CommandKey, "attempt">,
): Promise<number[]> {
  const start = `${fileName(step)}.`;
  const names = await namesIn(runFolder(data, runId));
  return names
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .flatMap((rest) => (/^\d+\.json$/.test(rest) ? [Number.parseInt(rest, 10)] : []))
    .sort((one, other) => other - one);
}

/** All commands in the folder of a run. */
export async function basesIn(folder: string): Promise<Base[]> {
  const names = await namesIn(folder);
  return names.flatMap((name) =>
    /\.\d+\.json$/.test(name) ? [join(folder, name.slice(0, -".json".length))] : [],
  );
}

/** Empty if there is no such folder, or it is a file, such as those that file managers leave. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  });
}

/** The supervisor gets this path as its argument, which also identifies it in the list of processes. */
export const recordPath = (base: Base) => `${base}.json`;
const ownerPath = (base: Base) => `${base}.process.json`;
const outcomePath = (base: Base) => `${base}.outcome.json`;

export const readRecord = (base: Base) => readJson(recordPath(base), recordSchema);
export const readOwner = (base: Base) => readJson(ownerPath(base), ownerSchema);
export const readOutcome = (base: Base) => readJson(outcomePath(base), outcomeSchema);

export async function writeRecord(base: Base, record: CommandRecord): Promise<void> {
  await mkdir(dirname(base), { recursive: true, mode: 0o700 });
  await writeJson(recordPath(base), record);
}
export const writeOwner = (base: Base, owner: Owner) => writeJson(ownerPath(base), owner);
export const writeOutcome = (base: Base, outcome: CommandOutcome) => writeJson(outcomePath(base), outcome);

/** Makes a process the owner of a command; false if it has an owner already. */
export async function claim(base: Base, owner: Owner): Promise<boolean> {
  const draft = `${ownerPath(base)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    // A link appears with its whole content, so nobody reads half a file.
    await link(draft, ownerPath(base));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

export async function removeFiles(base: Base): Promise<void> {
  const names = (await namesIn(dirname(base))).filter((name) => name.startsWith(`${basename(base)}.`));
  // The record has the shortest name and goes last: without it, the other files would never be found.
  names.sort((one, other) => other.length - one.length);
  for (const name of names) await rm(join(dirname(base), name), { force: true });
}

/** Null if there is no such file, or its content is not valid. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Writes to a new file and renames it, so that a kill never leaves half a file. */
async function writeJson(path: string, content: object): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
