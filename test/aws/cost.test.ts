import { beforeAll, describe, expect, test } from "vitest";
import { type Cost, measureCost } from "../benchmarks/cost.ts";

let cost: Cost;
beforeAll(async () => {
  cost = await measureCost();
}, 120_000);

const of = (what: string) => cost.webhooks.find((one) => one.what === what);

describe("requests to DynamoDB and their capacity units:", () => {
  test("a push that advances or starts a run costs a read and two writes", () => {
    const calls = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:PutItem"];
    expect(of("a push that advances a run")).toMatchObject({ calls, units: { read: 1, write: 4 } });
    expect(of("a push that starts a run")).toMatchObject({ calls, units: { read: 1, write: 5 } });
  });

  test("a repeated push costs a read", () => {
    expect(of("the same push again")).toMatchObject({
      calls: ["dynamodb:GetItem"],
      units: { read: 1, write: 0 },
    });
  });

  test.each(["an image of no pipeline", "a wrong secret"])("%s costs nothing", (what) => {
    expect(of(what)).toMatchObject({ calls: [], units: { read: 0, write: 0 } });
  });

  test("a run of five steps with a delay costs ten reads and sixteen writes, and a sweep ten queries", () => {
    const { webhooks, turns, calls, units } = cost.run;
    expect({ webhooks, turns, units }).toEqual({ webhooks: 5, turns: 5, units: { read: 12, write: 28 } });
    expect(calls).toMatchObject({ "dynamodb:GetItem": 10, "dynamodb:PutItem": 16 });
    expect(cost.sweep.calls).toEqual({ "dynamodb:Query": 10 });
  });
});
