import { describe, expect, test } from "vitest";
import { createRandom, seedOf } from "../random.ts";
import { apiToken, root, webhookSecret } from "../stand-ins/program.ts";
import { fuzz } from "./fuzz.ts";
import { makeGarbage } from "./garbage.ts";
import { offenceOfAnswer, offenceOfLine } from "./offences.ts";
import { makeRequest } from "./requests.ts";
import { forgedLine } from "./texts.ts";

const requests = 2_000;

test(`${requests} made-up requests break nothing: no 500, no trace, no secret, no forged line, no end`, async () => {
  const { answers, offences } = await fuzz({ requests, seed: 2, first: 0 });
  expect(offences.map(({ what, index }) => ({ what, index }))).toEqual([]);
  expect([...answers.values()].reduce((sum, count) => sum + count)).toBe(requests);
  for (const status of ["200", "201", "400", "401", "404", "415"]) {
    expect(answers.get(status) ?? 0, status).toBeGreaterThan(0);
  }
}, 120_000);

test("the same seed makes the same requests, and another seed others", () => {
  const make = (seed: number) =>
    Array.from({ length: 200 }, (_, index) => [
      makeRequest(createRandom(seedOf(seed, index)), { runIds: [] }).bytes.toString("latin1"),
      makeGarbage(createRandom(seedOf(seed, index)), { runIds: [] }).bytes.toString("latin1"),
    ]);
  expect(make(1)).toEqual(make(1));
  expect(make(1)).not.toEqual(make(2));
});

describe("what may never be is noticed in an answer:", () => {
  const type = "content-type: application/problem+json";
  test.each([
    ["a failure", 500, type, "", "status 500"],
    ["a trace", 200, "", "TypeError: x\n    at f (file.ts:1:2)", "a stack trace in an answer"],
    ["a path", 200, "", `see ${root}shared`, "a stack trace in an answer"],
    ["a secret", 404, type, webhookSecret, "a secret in an answer"],
    ["a secret in the head", 200, `location: /${apiToken}`, "", "a secret in an answer"],
    ["mark-up", 200, "content-type: text/html", "<b><script>fuzz()</script></b>", "mark-up from outside"],
    ["no problem", 404, "content-type: text/plain", "no", "a 404 that is no problem document"],
  ])("%s", (_what, status, header, body, what) => {
    const head = `HTTP/1.1 ${status} x\r\n${header}`;
    expect(offenceOfAnswer({ status, head, body: Buffer.from(body) })).toBe(what);
  });
});

describe("what may never be is noticed in the log:", () => {
  test.each([
    ["no JSON", "(node:1) Warning: x", "a line of the log that is no JSON"],
    ["no fields", "{}", "a line of the log without its fields"],
    ["a forged line", forgedLine, "a forged or unexpected line of the log"],
    ["a secret", forgedLine.replace("forged", "webhook").replace("error", apiToken), "a secret in the log"],
  ])("%s", (_what, line, what) => {
    expect(offenceOfLine(line)).toBe(what);
  });
});
