import { expect, test } from "vitest";
import { startEngine } from "../../../../functions/local/engine/engine.ts";
import { deleteExpired } from "../../../../shared/store/dynamodb/chores.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";

const TableName = "tagrelay";

test("a deletion of expired items stops when asked to, and the next one continues", async () => {
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
