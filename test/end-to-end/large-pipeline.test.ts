// Pipelines with hundreds of steps, on the embedded engine. A thousand steps are in test/aws, on DynamoDB Local.
import { expect, test } from "vitest";
import { runToItsEnd, stages, wideGraph } from "../stand-ins/large-run.ts";

const maxMs = 120_000;

test("400 steps that are pushed at once are done, and no webhook is refused", async () => {
  expect(await runToItsEnd(wideGraph(400), [], maxMs)).toEqual({
    status: "succeeded",
    states: { done: 400 },
    refused: 0,
  });
}, 130_000);

test("100 steps in 40 stages are done", async () => {
  expect(await runToItsEnd(stages(100, 4), [], maxMs)).toEqual({
    status: "succeeded",
    states: { done: 100 },
    refused: 0,
  });
}, 130_000);
