import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../../../functions/local/engine/engine.ts";
import { createTable } from "../../../shared/store/create-table.ts";
import { createDynamodbSlots } from "../../../shared/store/dynamodb-slots.ts";
import type { Requests } from "../../../shared/store/requests.ts";
import type { Holder, Slots } from "../../../shared/store/slots.ts";
import { StoreUnavailableError } from "../../../shared/store/store.ts";
import { describeSlots } from "./slots-suite.ts";

const minute = 60_000;
const t0 = Date.UTC(2026, 10, 20, 3);
const account = { name: "acme", maxParallel: 1 };

let engine: Engine;
let tables = 0;
let tableName = "";
let now = t0;
let slots: Slots;
beforeAll(async () => {
  engine = await startEngine(null);
});
afterAll(() => engine.close());
beforeEach(async () => {
  tables += 1;
  tableName = `table-${tables}`;
  now = t0;
  await createTable(engine.requests, tableName);
  slots = createDynamodbSlots({ requests: engine.requests, tableName, clock: () => now });
});

function holder(step: string, sinceMs = 0): Holder {
  return { pipeline: "p", runId: "p.run-1", step, since: t0 + sinceMs };
}

async function keysLeft(): Promise<(string | undefined)[]> {
  const { Items = [] } = await engine.requests.query({
    TableName: tableName,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: "account#acme" } },
  });
  return Items.map(({ sk }) => sk?.S?.split("#")[0]);
}

describe("slots", () => {
  test("are had by no more than the account does at once, and go to whoever waits longest", async () => {
    expect(await slots.take(account, holder("a"))).toMatchObject({ kind: "taken" });
    expect(await slots.take(account, holder("c", 20))).toMatchObject({ kind: "full" });
    expect(await slots.take(account, holder("b", 10))).toMatchObject({ kind: "full" });
    expect(await slots.free("acme", holder("a"))).toEqual({
      held: 0,
      waiting: [holder("b", 10), holder("c", 20)],
    });
    expect(await slots.take(account, holder("c", 20))).toMatchObject({ kind: "full" });
    expect(await slots.take(account, holder("b", 10))).toMatchObject({ kind: "taken" });
  });

  test("are freed for that time alone for which they were wanted: a run that is retried wants another one", async () => {
    await slots.take(account, holder("a", 10));
    await slots.free("acme", holder("a", 0));
    expect(await slots.take(account, holder("b"))).toMatchObject({ kind: "full" });
  });

  test("that look lost are not freed once they were asked for again", async () => {
    await slots.take(account, holder("a"));
    const seen = await slots.take(account, holder("b", 10));
    if (seen.kind !== "full") throw new Error("expected no slot");
    const [lost] = seen.slots;
    if (lost === undefined) throw new Error("expected a slot");
    now += 3 * minute;
    expect(await slots.take(account, holder("a"))).toMatchObject({ kind: "taken" });
    await slots.freeUnclaimed("acme", lost);
    expect(await slots.take(account, holder("b", 10))).toMatchObject({ kind: "full" });
  });

  test("that look lost, and are, are freed", async () => {
    await slots.take(account, holder("a"));
    const seen = await slots.take(account, holder("b", 10));
    if (seen.kind === "full") await Promise.all(seen.slots.map((slot) => slots.freeUnclaimed("acme", slot)));
    expect(await slots.take(account, holder("b", 10))).toMatchObject({ kind: "taken" });
  });

  test("leave no place in the row behind, also where giving it up failed at first", async () => {
    await slots.take(account, holder("a"));
    await slots.take(account, holder("b", 10));
    await slots.free("acme", holder("a"));
    const working = engine.requests;
    const failing: Requests = { ...working, deleteItem: () => Promise.reject(new Error("no answer")) };
    const broken = createDynamodbSlots({ requests: failing, tableName, clock: () => now });
    await expect(broken.take(account, holder("b", 10))).rejects.toThrow(StoreUnavailableError);
    expect(await keysLeft()).toEqual(["slot", "wait"]);
    expect(await slots.take(account, holder("b", 10))).toMatchObject({ kind: "taken" });
    expect(await keysLeft()).toEqual(["slot"]);
  });

  test("are not kept for those who have one already", async () => {
    const two = { name: "acme", maxParallel: 2 };
    const working = engine.requests;
    const failing: Requests = { ...working, deleteItem: () => Promise.reject(new Error("no answer")) };
    const broken = createDynamodbSlots({ requests: failing, tableName, clock: () => now });
    await slots.take(two, holder("a"));
    await slots.take(two, holder("b", 1));
    await slots.take(two, holder("c", 2));
    await slots.free("acme", holder("a"));
    await broken.take(two, holder("c", 2)).catch(() => undefined);
    await slots.free("acme", holder("b", 1));
    expect(await slots.take(two, holder("d", 30))).toMatchObject({ kind: "taken" });
  });

  test("are given back all of them where a step was told of two at once, and it keeps one where it asks again", async () => {
    const three = { name: "acme", maxParallel: 3 };
    const takeTwice = async () => {
      await slots.take(three, holder("a"));
      const { Items = [] } = await engine.requests.query({
        TableName: tableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "account#acme" } },
      });
      const Item = { ...Items[0], sk: { S: "slot#0009" } };
      await engine.requests.putItem({ TableName: tableName, Item });
    };
    await takeTwice();
    expect(await slots.free("acme", holder("a"))).toEqual({ held: 0, waiting: [] });
    expect(await keysLeft()).toEqual([]);
    await takeTwice();
    const Item = { pk: { S: "account#acme" }, sk: { S: `wait#00${t0}#p.run-1#a#${t0}` } };
    const seen = { holder: { S: `p.run-1#a#${t0}` }, seenAt: { N: String(t0) }, since: { N: String(t0) } };
    const about = { pipeline: { S: "p" }, runId: { S: "p.run-1" }, step: { S: "a" } };
    await engine.requests.putItem({ TableName: tableName, Item: { ...Item, ...seen, ...about } });
    await slots.take(three, holder("a"));
    expect(await keysLeft()).toEqual(["slot"]);
  });

  test("are not waited for by those who have not asked for long: they are swept out of the row", async () => {
    await slots.take(account, holder("a"));
    await slots.take(account, holder("gone", 1));
    now += 6 * minute;
    await slots.take(account, holder("b", 10));
    expect(await keysLeft()).toEqual(["slot", "wait"]);
    expect(await slots.free("acme", holder("a"))).toEqual({ held: 0, waiting: [holder("b", 10)] });
  });
});

describeSlots("the embedded engine", () => startEngine(null));
