// The files of builds in the data folder: what was asked for and what became of it, and the folder that a build runs in.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import * as z from "zod";
import { parseJson } from "../../../shared/validation/parse-json.ts";
import { codeOf, namesIn } from "../commands/command-files.ts";

const buildSchema = z.object({
  id: z.string(),
  image: z.string(),
  status: z.enum(["queued", "building", "succeeded", "failed", "cancelled"]),
  queuedAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** Why it failed. */
  reason: z.string().nullable(),
  /** The address of the host that it is built on, if that was chosen. */
  builder: z.string().nullable().default(null),
});
export type Build = z.infer<typeof buildSchema>;

export function isOver({ status }: Build): boolean {
  return status !== "queued" && status !== "building";
}

const idPattern = /^[0-9a-f]{32}$/;
const statesFolder = (data: string) => join(data, "states");
const contextsFolder = (data: string) => join(data, "contexts");
const statePath = (data: string, id: string) => join(statesFolder(data), `${id}.json`);

export function contextOf(data: string, id: string): string {
  return join(contextsFolder(data), id);
}

/** Relative paths and contents; one of the paths is `Dockerfile`. */
export type ContextFiles = ReadonlyMap<string, string>;

export async function writeContext(data: string, id: string, files: ContextFiles): Promise<void> {
  const folder = resolve(contextOf(data, id));
  const resolved = [...files].map(([path, content]) => ({ file: inside(folder, path), content }));
  for (const { file, content } of resolved) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
  }
}

/** The second wall behind the schema of the request: no mistake there may write elsewhere on this machine. */
function inside(folder: string, path: string): string {
  const file = resolve(folder, path);
  if (file.startsWith(`${folder}${sep}`)) return file;
  throw new Error(
    `expected the path of a file in the folder of the build, found ${JSON.stringify(path)}; ask with a relative path without ..`,
  );
}

export async function removeContext(data: string, id: string): Promise<void> {
  await rm(contextOf(data, id), { recursive: true, force: true });
}

/** Writes to a new file and renames it, so that a kill never leaves half a file. */
export async function saveBuild(data: string, build: Build): Promise<void> {
  await mkdir(statesFolder(data), { recursive: true, mode: 0o700 });
  const path = statePath(data, build.id);
  await writeFile(`${path}.new`, `${JSON.stringify(build, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeBuild(data: string, id: string): Promise<void> {
  await rm(statePath(data, id), { force: true });
}

export async function loadBuilds(data: string): Promise<Build[]> {
  const names = (await namesIn(statesFolder(data))).filter((name) => name.endsWith(".json"));
  const builds = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(statesFolder(data), name), "utf8").catch(() => "");
      return buildSchema.safeParse(parseJson(text)).data ?? [];
    }),
  );
  return builds.flat().sort((one, other) => one.queuedAt - other.queuedAt);
}

/** The builds whose folders are still there. */
export async function listContexts(data: string): Promise<string[]> {
  const names = await readdir(contextsFolder(data)).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => idPattern.test(name));
}
