import { expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import { ConfigError } from "../../../shared/core/config-error.ts";

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
  throw new Error("expected an error of the configuration");
}

test("a pipeline is followed by those that come after it", () => {
  const pipelines = { base: pipeline(), left: pipeline("base"), right: pipeline(["base", "left"]) };
  expect(followersOf(pipelines)).toEqual({ base: ["left", "right"], left: ["right"], right: [] });
});

test("a pipeline that comes after one that is not there is told with the name that was meant", () => {
  expect(messageOf({ base: pipeline(), family: pipeline("bse") })).toContain(
    'pipelines.family.after: pipeline "family" comes after unknown pipeline "bse"; did you mean "base"?',
  );
});

test.each(["__proto__", "constructor", "toString"])("%s is no pipeline unless it is one", (name) => {
  expect(messageOf({ base: pipeline(), family: pipeline(name) })).toContain(`unknown pipeline "${name}"`);
});

test("pipelines that come after one another are told as a circle", () => {
  const circle = { a: pipeline("c"), b: pipeline("a"), c: pipeline("b") };
  expect(messageOf(circle)).toContain(
    'pipelines: expected pipelines in an order, found a circle: "a" → "b" → "c" → "a"',
  );
  expect(messageOf({ a: pipeline("a") })).toContain('found a circle: "a" → "a"');
});

test("a pipeline that comes after one with a mistake in it is not told that there is none", () => {
  const message = messageOf({ base: { ...pipeline(), confirm: "hubb" }, family: pipeline("base") });
  expect(message).toContain("pipelines.base.confirm");
  expect(message).not.toContain("unknown pipeline");
});
