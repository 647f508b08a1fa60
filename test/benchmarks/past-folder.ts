// Writes many finished runs directly to the engine's files: a million requests would take half an hour.
import { createRequire } from "node:module";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { startEngine } from "../../functions/local/engine/engine.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import { runKey, tableDefinition } from "../../shared/store/dynamodb/table.ts";
import { pastRun } from "../stand-ins/past-runs.ts";
import { tableName } from "./embedded-relay.ts";
import { chainName } from "./subject.ts";

const { createKey } = createRequire(import.meta.url)("dynalite/db/index.js");
const day = 86_400_000;

/** One run per day for each pipeline, up to yesterday. */
export async function writePastRuns(
  data: string,
  pipeline: Pipeline,
  pipelines: number,
  runsOfEach: number,
): Promise<number> {
  const engine = await startEngine(data);
  await createTable(engine.requests, tableName);
  await engine.close();
  const level = new ClassicLevel<string, unknown>(join(data, "dynamodb"), { valueEncoding: "json" });
  const expiresAt = { N: String(Math.ceil((Date.now() + 90 * day) / 1_000)) };
  for (let index = 0; index < pipelines; index += 1) {
    const named = { ...pipeline, name: chainName(index) };
    const writes = Array.from({ length: runsOfEach }, (_, ago) => {
      const startedAt = Date.now() - (ago + 1) * day + index;
      const run = pastRun(named, { startedAt, takesMs: () => 600_000 });
      const item = {
        ...runKey(named.name, run.id),
        run: { S: JSON.stringify(run) },
        version: { N: "1" },
        expiresAt,
      };
      return {
        type: "put",
        key: `item-${tableName}~${createKey(item, tableDefinition)}`,
        value: item,
      } as const;
    });
    await level.batch(writes);
  }
  // LevelDB compacts the files over the months in which they are written.
  await level.compactRange("", "~");
  await level.close();
  return pipelines * runsOfEach;
}
