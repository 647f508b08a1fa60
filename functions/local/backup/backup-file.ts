// The file of a backup: lines of JSON. The first says what the file is, the last one how many items it has and their hash.
import { createHash } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import * as z from "zod";
import { messageOf } from "../../../shared/log.ts";
import { UsageError } from "../../../shared/usage-error.ts";
import { causeOf } from "../engine/level-error.ts";

const attribute = z.union([z.strictObject({ S: z.string() }), z.strictObject({ N: z.string() })]);
const itemSchema = z
  .record(z.string(), attribute)
  .refine(({ pk, sk }) => pk !== undefined && sk !== undefined, "expected the keys pk and sk");
export type BackupItem = z.infer<typeof itemSchema>;

/** What the local program generated: webhooks keep calling the URL that has the secret. */
const secretsSchema = z.object({ webhookSecret: z.string().min(1), apiToken: z.string().min(1) });
export type BackupSecrets = z.infer<typeof secretsSchema>;

export const backupVersion = 1;
const headSchema = z.object({ tagrelay: z.literal("backup"), version: z.int(), at: z.string() });
const lineSchema = z.union([
  z.strictObject({ item: itemSchema }),
  z.strictObject({ secrets: secretsSchema }),
]);
const endSchema = z.strictObject({ items: z.int(), sha256: z.string() });

export type Backup = { at: string; items: BackupItem[]; secrets: BackupSecrets | null };

/** Writes to a new file and renames it, so that a kill or a full disk leaves the one that was there. */
export async function writeBackup(
  path: string,
  at: string,
  items: AsyncIterable<unknown>,
  secrets: BackupSecrets | null,
): Promise<number> {
  const draft = `${path}.new`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      const hash = createHash("sha256");
      const write = async (line: object) => {
        const text = `${JSON.stringify(line)}\n`;
        hash.update(text);
        await file.appendFile(text);
      };
      await write({ tagrelay: "backup", version: backupVersion, at });
      if (secrets !== null) await write({ secrets });
      let count = 0;
      for await (const item of items) {
        await write({ item: itemSchema.parse(item) });
        count += 1;
      }
      await file.appendFile(`${JSON.stringify({ items: count, sha256: hash.digest("hex") })}\n`);
      await file.sync();
      await rename(draft, path);
      return count;
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UsageError(`expected to write the backup to ${path}, found ${causeOf(error)}`);
  }
}

/** Reads the whole file before anything of it is used. */
export async function readBackup(path: string): Promise<Backup> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new UsageError(`expected a backup at ${path}, found none that can be read (${messageOf(error)})`);
  });
  const refuse = (found: string): never => {
    throw new UsageError(
      `expected ${path} to be a whole backup of tagrelay, found ${found}; nothing was restored`,
    );
  };
  const lines = text.split("\n");
  const head = headSchema.safeParse(parse(lines[0]));
  if (!head.success) return refuse("a file whose first line is another");
  if (head.data.version !== backupVersion)
    return refuse(`version ${head.data.version}; this tagrelay reads ${backupVersion}`);
  const last = lines.at(-2) ?? "";
  const end = endSchema.safeParse(parse(last));
  if (!end.success || lines.at(-1) !== "") return refuse("a file that is cut off");
  const body = text.slice(0, text.length - last.length - 1);
  if (createHash("sha256").update(body).digest("hex") !== end.data.sha256)
    return refuse("a file that was changed");
  const backup: Backup = { at: head.data.at, items: [], secrets: null };
  for (const [index, line] of lines.slice(1, -2).entries()) {
    const { data } = lineSchema.safeParse(parse(line));
    if (data === undefined) return refuse(`something else in line ${index + 2}`);
    if ("item" in data) backup.items.push(data.item);
    else backup.secrets = data.secrets;
  }
  return backup;
}

function parse(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return null;
  }
}
