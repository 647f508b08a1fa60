import { describe, expect, test } from "vitest";
import { createRandom, seedOf } from "../random.ts";
import { apiToken, root, webhookSecret } from "../stand-ins/program.ts";
import { fuzz } from "./fuzz.ts";
import { makeGarbage } from "./garbage.ts";
import { problemOfAnswer, problemOfLine } from "./problems.ts";
import { makeRequest } from "./requests.ts";
import { forgedLine } from "./texts.ts";

const requests = 1_000;

test(`${requests} generated requests cause no 500, no stack trace, no leaked secret, no forged log line and no crash`, async () => {
  const { answers, problems } = await fuzz({ requests, seed: 3, first: 0 });
  expect(problems.map(({ what, index }) => ({ what, index }))).toEqual([]);
  expect([...answers.values()].reduce((sum, count) => sum + count)).toBe(requests);
  for (const status of ["200", "201", "400", "401", "404", "415"]) {
    expect(answers.get(status) ?? 0, status).toBeGreaterThan(0);
  }
}, 120_000);

test("the same seed generates the same requests, and another seed generates others", () => {
  const make = (seed: number) =>
    Array.from({ length: 200 }, (_, index) => [
      makeRequest(createRandom(seedOf(seed, index)), { runIds: [] }).bytes.toString("latin1"),
      makeGarbage(createRandom(seedOf(seed, index)), { runIds: [] }).bytes.toString("latin1"),
    ]);
  expect(make(1)).toEqual(make(1));
  expect(make(1)).not.toEqual(make(2));
});

describe("a problem in an answer is found:", () => {
  const type = "content-type: application/problem+json";
  test.each([
    ["a failure", 500, type, "", "status 500"],
    ["a stack trace", 200, "", "TypeError: x\n    at f (file.ts:1:2)", "a stack trace in an answer"],
    ["a path", 200, "", `see ${root}shared`, "a stack trace in an answer"],
    ["a secret", 404, type, webhookSecret, "a secret in an answer"],
    ["a secret in the head", 200, `location: /${apiToken}`, "", "a secret in an answer"],
    ["markup", 200, "content-type: text/html", "<b><script>fuzz()</script></b>", "injected markup"],
    ["no problem document", 404, "content-type: text/plain", "no", "a 404 without a problem document"],
  ])("%s", (_what, status, header, body, what) => {
    const head = `HTTP/1.1 ${status} x\r\n${header}`;
    expect(problemOfAnswer({ status, head, body: Buffer.from(body) })).toBe(what);
  });
});

describe("a problem in the log is found:", () => {
  test.each([
    ["not JSON", "(node:1) Warning: x", "a log line that is not JSON"],
    ["no fields", "{}", "a log line without its fields"],
    ["a forged line", forgedLine, "a forged or unexpected log line"],
    ["a secret", forgedLine.replace("forged", "webhook").replace("error", apiToken), "a secret in the log"],
  ])("%s", (_what, line, what) => {
    expect(problemOfLine(line)).toBe(what);
  });
});
