import { expect, test } from "vitest";
import { criticalPath } from "../../../shared/pipeline/critical-path.ts";

const nodes = [
  { name: "base", after: [] },
  { name: "api", after: ["base"] },
  { name: "web", after: ["base"] },
  { name: "app", after: ["api", "web"] },
  { name: "docs", after: [] },
];
const pathWith = (durations: Record<string, number>) => criticalPath(nodes, (name) => durations[name] ?? 0);

test.each<[string, Record<string, number>, string[]]>([
  ["the slower branch", { base: 5, api: 2, web: 9, app: 1 }, ["base", "web", "app"]],
  ["the other, once that is slower", { base: 5, api: 20, web: 9, app: 1 }, ["base", "api", "app"]],
  ["a step of its own that takes longer than all others", { base: 1, api: 1, app: 1, docs: 9 }, ["docs"]],
])("the critical path is %s", (_what, durations, path) => {
  expect(pathWith(durations)).toEqual(path);
});

test("no steps have no critical path", () => {
  expect(criticalPath([], () => 1)).toEqual([]);
});
