// Past runs: an item each, which expires after a while.
import { type EndedRun, type Run, runSchema } from "../../run/state.ts";
import { describeIssue } from "../../validation/expectation.ts";
import type { RunPage } from "../store.ts";
import { fitRun } from "./fit.ts";
import { ifUnchanged } from "./if-unchanged.ts";
import { queryPages, readItem } from "./read-items.ts";
import type { Item, Table } from "./requests.ts";
import { readStored } from "./stored-json.ts";
import { expiryAttribute, runKey } from "./table.ts";
import { upgradeRun } from "./upgrade.ts";

/** False if a newer version is already archived: a late process would put the run back as it was before it ended. */
export function archive(
  { requests, tableName }: Table,
  run: EndedRun,
  version: number,
  historyMs: number,
): Promise<boolean> {
  const expiresAt = Math.ceil((run.endedAt + historyMs) / 1000);
  const Item: Item = {
    ...runKey(run.pipeline, run.id),
    run: { S: fitRun(run).text },
    version: { N: String(version) },
    [expiryAttribute]: { N: String(expiresAt) },
  };
  const condition = {
    ConditionExpression: "attribute_not_exists(version) OR version <= :version",
    ExpressionAttributeValues: { ":version": { N: String(version) } },
  };
  return ifUnchanged(requests.putItem({ TableName: tableName, Item, ...condition }));
}

export async function findPastRun(table: Table, pipeline: string, id: string): Promise<Run | null> {
  const item = await readItem(table, runKey(pipeline, id));
  return item === undefined ? null : readRun(item);
}

/** Newest first. `next` is the last run of the page before, and `latest` is the run in the state, on the first page. */
export async function listRuns(
  table: Table,
  pipeline: string,
  { latest, limit, next }: { latest: Run | null; limit: number; next: string | null },
): Promise<RunPage> {
  const first = latest === null ? [] : [latest];
  // While a new run is about to replace the latest one, that is already archived, too.
  const known = next ?? latest?.id;
  // The known run, and one more that shows whether there is another page.
  const past = await queryPast(table, pipeline, known ?? "~", limit + 2);
  const runs = [...first, ...past.filter(({ id }) => id !== known)];
  const page = runs.slice(0, limit);
  return { runs: page, next: runs.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** The newest past runs from `lastId` on, and including it. */
async function queryPast(table: Table, pipeline: string, lastId: string, max: number): Promise<Run[]> {
  const { pk, sk } = runKey(pipeline, lastId);
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
    ExpressionAttributeValues: { ":pk": pk, ":first": { S: "run#" }, ":last": sk },
    ScanIndexForward: false,
    ConsistentRead: true,
    Limit: max,
  });
  const past: Run[] = [];
  for await (const items of pages) {
    past.push(...items.map(readRun));
    if (past.length >= max) break;
  }
  return past;
}

export function readRun(item: Item): Run {
  return runSchema.parse(upgradeRun(readStored(item.run?.S ?? "")), { error: describeIssue });
}
