// Damages files of a data folder, and tells what came of it.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { StoreUnavailableError } from "../../../../shared/store/store.ts";
import { UsageError } from "../../../../shared/usage-error.ts";

/** `told`: refused in one sentence, or reported when it was opened or read. `silent`: something is missing, and nothing was said. */
export type Outcome = "whole" | "told" | "silent";

const itemCount = 400;

/** Several tables, and a log with the last items. */
export async function makeSubject(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "tagrelay-damage-"));
  for (const starts of [0, 1]) {
    const { requests, close } = await startEngine(data);
    await createTable(requests, "tagrelay");
    for (let number = starts * 200; number < starts * 200 + itemCount / 2; number += 1) {
      const Item = { pk: { S: `item-${number}` }, sk: { S: "x" }, text: { S: `${number}-`.repeat(4_000) } };
      await requests.putItem({ TableName: "tagrelay", Item });
    }
    await close();
  }
  return data;
}

export type Change = (content: Buffer) => Buffer | null;

/** Damages one file of a copy. A null content deletes the file. */
export async function damage(subject: string, name: string, change: Change): Promise<Outcome> {
  const data = mkdtempSync(join(tmpdir(), "tagrelay-damaged-"));
  cpSync(subject, data, { recursive: true });
  const path = join(data, "dynamodb", name);
  const content = change(readFileSync(path));
  if (content === null) rmSync(path);
  else writeFileSync(path, content);
  try {
    return await open(data);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function open(data: string): Promise<Outcome> {
  const engine = await startEngine(data).catch((error: unknown) => {
    if (error instanceof UsageError && !error.message.includes("\n")) return null;
    throw error;
  });
  if (engine === null) return "told";
  try {
    const found = await readAll(engine.requests);
    if (engine.damage !== null) return "told";
    const isWhole =
      found.size === itemCount && [...found].every(([pk, text]) => text === `${pk.slice(5)}-`.repeat(4_000));
    return isWhole ? "whole" : "silent";
  } catch (error) {
    if (engine.damage !== null || error instanceof StoreUnavailableError) return "told";
    throw error;
  } finally {
    await engine.close();
  }
}

type Requests = Awaited<ReturnType<typeof startEngine>>["requests"];

async function readAll({ getItem }: Requests): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let number = 0; number < itemCount; number += 1) {
    const pk = `item-${number}`;
    const { Item } = await getItem({ TableName: "tagrelay", Key: { pk: { S: pk }, sk: { S: "x" } } });
    if (Item !== undefined) found.set(pk, Item.text?.S ?? "");
  }
  return found;
}

export function filesOf(subject: string): {
  current: string;
  manifest: string;
  logs: string[];
  tables: string[];
} {
  const names = readdirSync(join(subject, "dynamodb")).sort();
  const manifest = names.find((name) => name.startsWith("MANIFEST")) ?? "";
  return {
    current: "CURRENT",
    manifest,
    logs: names.filter((name) => name.endsWith(".log")),
    tables: names.filter((name) => name.endsWith(".ldb")),
  };
}
