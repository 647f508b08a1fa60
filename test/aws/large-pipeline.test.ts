// Runs of a thousand steps to their ends, on AWS's own engine.
import { afterAll, beforeAll, expect, test } from "vitest";
import { runToItsEnd, stages, wideGraph } from "../stand-ins/large-run.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";

let engine: Awaited<ReturnType<typeof startDynamodbLocal>>;
beforeAll(async () => {
  engine = await startDynamodbLocal();
}, 60_000);
afterAll(() => engine.close());

test.each([
  ["that are pushed at once", wideGraph(1_000)],
  ["in stages of one and two", stages(1_000, 2)],
])(
  "1,000 steps %s are done, and no webhook is refused",
  async (_how, pipeline) => {
    const run = await runToItsEnd(pipeline, ["--dynamodb-endpoint", engine.endpoint], 600_000);
    expect(run).toEqual({ status: "succeeded", states: { done: 1_000 }, refused: 0 });
  },
  620_000,
);
