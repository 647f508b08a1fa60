import { expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";

const pipeline = (after?: string | string[]) => ({
  sequence: ["acme/a:1"],
  ...(after === undefined ? {} : { after }),
});
const compile = (pipelines: Record<string, unknown>) => compileConfig({ pipelines }).pipelines;
const followersOf = (pipelines: Record<string, unknown>) =>
  Object.fromEntries(compile(pipelines).map(({ name, followers }) => [name, followers]));
function messageOf(pipelines: Record<string, unknown>): string {
  try {
    compile(pipelines);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error("expected a ConfigError, found none");
}

test("the followers of a pipeline are the pipelines that come after it", () => {
  const pipelines = { base: pipeline(), left: pipeline("base"), right: pipeline(["base", "left"]) };
  expect(followersOf(pipelines)).toEqual({ base: ["left", "right"], left: ["right"], right: [] });
});

test("the error for an unknown pipeline suggests the name that was meant", () => {
  expect(messageOf({ base: pipeline(), family: pipeline("bse") })).toContain(
    'pipelines.family.after: pipeline "family" comes after unknown pipeline "bse"; did you mean "base"?',
  );
});

test.each(["__proto__", "constructor", "toString"])(
  "%s is not a known pipeline if it is not configured",
  (name) => {
    expect(messageOf({ base: pipeline(), family: pipeline(name) })).toContain(`unknown pipeline "${name}"`);
  },
);

test("an error shows a cycle of pipelines from end to end", () => {
  const cycle = { a: pipeline("c"), b: pipeline("a"), c: pipeline("b") };
  expect(messageOf(cycle)).toContain(
    'pipelines: expected pipelines that can run in order, found a cycle: "a" → "b" → "c" → "a"',
  );
  expect(messageOf({ a: pipeline("a") })).toContain('found a cycle: "a" → "a"');
});

test("a pipeline with errors is not reported as unknown where another comes after it", () => {
  const message = messageOf({ base: { ...pipeline(), confirm: "hubb" }, family: pipeline("base") });
  expect(message).toContain("pipelines.base.confirm");
  expect(message).not.toContain("unknown pipeline");
});

test("a pipeline waits for other pipelines that exist, also in a cycle", () => {
  const waiting = (waitFor: string | string[]) => ({ ...pipeline(), waitFor });
  const found = compile({ weekly: waiting("daily"), daily: waiting(["weekly"]) });
  expect(found.map(({ waitFor }) => waitFor)).toEqual([["daily"], ["weekly"]]);
  expect(messageOf({ weekly: pipeline(), daily: waiting("wekly") })).toBe(
    'pipelines.daily.waitFor: expected other pipelines, found "wekly"; did you mean "weekly"?',
  );
  expect(messageOf({ daily: waiting("daily") })).toBe(
    'pipelines.daily.waitFor: expected other pipelines, found "daily", the pipeline itself',
  );
});
