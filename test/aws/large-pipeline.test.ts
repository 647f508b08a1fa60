// Runs of very many steps to their ends, on AWS's own engine.
import { afterAll, beforeAll, expect, test } from "vitest";
import { runToItsEnd, stages, wideGraph } from "../stand-ins/large-run.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";

let engine: Awaited<ReturnType<typeof startDynamodbLocal>>;
beforeAll(async () => {
  engine = await startDynamodbLocal();
}, 60_000);
afterAll(() => engine.close());

test.each([
  [400, "that are pushed at once", wideGraph(400)],
  [1_000, "in stages of one and two", stages(1_000, 2)],
])(
  "%i steps %s are done, and no webhook is refused",
  async (count, _how, pipeline) => {
    const run = await runToItsEnd(pipeline, ["--dynamodb-endpoint", engine.endpoint], 600_000);
    expect(run).toEqual({ status: "succeeded", states: { done: count }, refused: 0 });
  },
  620_000,
);
