import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../../../../functions/local/engine/engine.ts";
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import type { Requests } from "../../../../shared/store/dynamodb/requests.ts";
import { createDynamodbSlots } from "../../../../shared/store/dynamodb/slots.ts";
import type { Holder, Slots } from "../../../../shared/store/slots.ts";
import { StoreUnavailableError } from "../../../../shared/store/store.ts";
import { describeSlotsOn } from "./describe-engine.ts";

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

describe("the items of slots", () => {
  test("include no place in line after the step has its slot, even if its removal failed at first", async () => {
    await slots.acquire(account, holder("a"));
    await slots.acquire(account, holder("b", 10));
    await slots.release("acme", holder("a"));
    const working = engine.requests;
    const failing: Requests = { ...working, deleteItem: () => Promise.reject(new Error("no answer")) };
    const broken = createDynamodbSlots({ requests: failing, tableName, clock: () => now });
    await expect(broken.acquire(account, holder("b", 10))).rejects.toThrow(StoreUnavailableError);
    expect(await keysLeft()).toEqual(["slot", "wait"]);
    expect(await slots.acquire(account, holder("b", 10))).toMatchObject({ kind: "acquired" });
    expect(await keysLeft()).toEqual(["slot"]);
  });

  test("are read no further than the places in line that a decision needs", async () => {
    const line = Array.from({ length: 450 }, (_, index) => holder(`waiting-${index}`, index));
    for (const [index, { since, step }] of line.entries())
      await engine.requests.putItem({
        TableName: tableName,
        Item: {
          pk: { S: "account#acme" },
          sk: { S: `wait#${String(since).padStart(15, "0")}#${index}` },
          pipeline: { S: "p" },
          runId: { S: "p.run-1" },
          step: { S: step },
          since: { N: String(since) },
          seenAt: { N: String(t0) },
        },
      });
    let read = 0;
    const counting: Requests = {
      ...engine.requests,
      query: async (input) => {
        const page = await engine.requests.query(input);
        read = Math.max(read, page.Items?.length ?? 0);
        return page;
      },
    };
    const counted = createDynamodbSlots({ requests: counting, tableName, clock: () => now });
    expect((await counted.acquire(account, holder("late", 1_000))).kind).toBe("full");
    expect(read).toBe(200);
  });

  test("reserve no slot for a step that already has one", async () => {
    const two = { name: "acme", maxParallel: 2 };
    const working = engine.requests;
    const failing: Requests = { ...working, deleteItem: () => Promise.reject(new Error("no answer")) };
    const broken = createDynamodbSlots({ requests: failing, tableName, clock: () => now });
    await slots.acquire(two, holder("a"));
    await slots.acquire(two, holder("b", 1));
    await slots.acquire(two, holder("c", 2));
    await slots.release("acme", holder("a"));
    await broken.acquire(two, holder("c", 2)).catch(() => undefined);
    await slots.release("acme", holder("b", 1));
    expect(await slots.acquire(two, holder("d", 30))).toMatchObject({ kind: "acquired" });
  });

  test("are all removed if a step that got two slots at once releases them, and all but one if it asks again", async () => {
    const three = { name: "acme", maxParallel: 3 };
    const acquireTwice = async () => {
      await slots.acquire(three, holder("a"));
      const { Items = [] } = await engine.requests.query({
        TableName: tableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "account#acme" } },
      });
      const Item = { ...Items[0], sk: { S: "slot#0009" } };
      await engine.requests.putItem({ TableName: tableName, Item });
    };
    await acquireTwice();
    expect(await slots.release("acme", holder("a"))).toEqual({ held: 0, waiting: [] });
    expect(await keysLeft()).toEqual([]);
    await acquireTwice();
    const Item = { pk: { S: "account#acme" }, sk: { S: `wait#00${t0}#p.run-1#a#${t0}` } };
    const place = { holder: { S: `p.run-1#a#${t0}` }, seenAt: { N: String(t0) }, since: { N: String(t0) } };
    const about = { pipeline: { S: "p" }, runId: { S: "p.run-1" }, step: { S: "a" } };
    await engine.requests.putItem({ TableName: tableName, Item: { ...Item, ...place, ...about } });
    await slots.acquire(three, holder("a"));
    expect(await keysLeft()).toEqual(["slot"]);
  });

  test("lose the places in line of steps that have stopped asking", async () => {
    await slots.acquire(account, holder("a"));
    await slots.acquire(account, holder("gone", 1));
    now += 6 * minute;
    await slots.acquire(account, holder("b", 10));
    expect(await keysLeft()).toEqual(["slot", "wait"]);
    expect(await slots.release("acme", holder("a"))).toEqual({ held: 0, waiting: [holder("b", 10)] });
  });
});

describeSlotsOn("the embedded engine", () => startEngine(null));
