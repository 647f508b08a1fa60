import { beforeAll, describe, expect, test } from "vitest";
import { type Cost, measureCost } from "../benchmarks/cost.ts";

let cost: Cost;
beforeAll(async () => {
  cost = await measureCost();
}, 120_000);

const of = (what: string) => cost.webhooks.find((one) => one.what === what);

describe("what is asked of DynamoDB, and what that is in units,", () => {
  test("is a read and two writes for a push that advances a run, or that starts one", () => {
    const calls = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:PutItem"];
    expect(of("a push that advances a run")).toMatchObject({ calls, units: { read: 1, write: 8 } });
    expect(of("a push that starts a run")).toMatchObject({ calls, units: { read: 1, write: 7 } });
  });

  test("is a read for the same push once more", () => {
    const told = of("the same push once more");
    expect(told).toMatchObject({ calls: ["dynamodb:GetItem"], units: { read: 1, write: 0 } });
  });

  test.each(["an image that no pipeline has", "a wrong secret"])("is nothing for %s", (what) => {
    expect(of(what)).toMatchObject({ calls: [], units: { read: 0, write: 0 } });
  });

  test("is ten reads and seventeen writes for a run of five steps with a delay, and eight queries for a sweep", () => {
    const { webhooks, turns, calls, units } = cost.run;
    expect({ webhooks, turns, units }).toEqual({ webhooks: 5, turns: 5, units: { read: 12, write: 80 } });
    expect(calls).toMatchObject({ "dynamodb:GetItem": 10, "dynamodb:PutItem": 17 });
    expect(cost.sweep.calls).toEqual({ "dynamodb:Query": 8 });
  });
});
