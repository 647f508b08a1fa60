import { expect, test } from "vitest";
import { startEngine } from "../../../functions/local/engine/engine.ts";
import { createTable } from "../../../shared/store/create-table.ts";
import { deleteExpired } from "../../../shared/store/local-chores.ts";

const TableName = "tagrelay";

test("who is told to stop while deleting what has expired does so, and goes on another time", async () => {
  const { requests, close } = await startEngine(null);
  await createTable(requests, TableName);
  for (let number = 0; number < 450; number += 1) {
    const expiresAt = { N: number < 440 ? "10" : "30" };
    await requests.putItem({ TableName, Item: { pk: { S: `p${number}` }, sk: { S: "run" }, expiresAt } });
  }
  const stopped = await deleteExpired(requests, TableName, 20_000, AbortSignal.abort());
  expect(stopped).toBeGreaterThan(0);
  expect(stopped).toBeLessThan(440);
  expect(stopped + (await deleteExpired(requests, TableName, 20_000))).toBe(440);
  expect((await requests.scan({ TableName })).Items).toHaveLength(10);
  await close();
});
