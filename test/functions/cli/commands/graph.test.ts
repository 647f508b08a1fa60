import { afterAll, beforeAll, expect, test } from "vitest";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";

let folder: Folder;
let config = "";
beforeAll(() => {
  folder = makeFolder();
  config = folder.config({
    selenium: {
      sequence: ["selenium/base:1", ["selenium/hub:1", "selenium/node:1"], ["selenium/chrome:1"]],
    },
    graph: {
      after: "selenium",
      steps: {
        web: { image: "acme/web:1", after: ["base", "api"] },
        other: { image: "acme/other:1" },
        base: { image: "acme/base:1" },
        api: { image: "acme/api:1", after: "base" },
      },
    },
  });
});
afterAll(() => folder.remove());

const graph = async (...args: string[]) => {
  const { code, stdout, stderr } = await tagrelay(["graph", "--config", config, ...args]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
};

test("stages are numbered, and each step is listed after its predecessors", async () => {
  expect(await graph()).toBe(`selenium
  1  selenium/base:1
  2  selenium/hub:1     after selenium/base:1
     selenium/node:1    after selenium/base:1
  3  selenium/chrome:1  after selenium/hub:1, selenium/node:1

graph  after selenium
  1  base   acme/base:1
     other  acme/other:1
  2  api    acme/api:1    after base
  3  web    acme/web:1    after base, api
`);
});

test("a single pipeline can be shown, also as JSON", async () => {
  expect(await graph("selenium")).not.toContain("acme");
  const { pipelines } = JSON.parse(await graph("graph", "--json"));
  expect(pipelines).toMatchObject([{ name: "graph", after: ["selenium"] }]);
  const api = { name: "api", image: "acme/api:1", after: ["base"], stage: 2 };
  expect(pipelines[0].steps).toContainEqual(api);
});

test("a Mermaid flowchart has an arrow for each `after`, of steps and of pipelines", async () => {
  const lines = (await graph("--mermaid")).trim().split("\n");
  expect(lines[0]).toBe("flowchart LR");
  expect(lines.filter((line) => line.includes("-->"))).toHaveLength(4 + 3);
  expect(lines.at(-1)).toBe("  p0 -.-> p1");
  expect(lines.filter((line) => line.includes("acme/other"))).toEqual([
    expect.stringMatching(/^ {4}p1s\d\["other<br\/>acme\/other:1"\]$/),
  ]);
  const ids = lines.flatMap((line) => /^ {4}(p\d+s\d+)\[/.exec(line)?.[1] ?? []);
  for (const line of lines.filter((one) => one.includes("-->"))) {
    for (const end of line.trim().split(" --> ")) expect(ids).toContain(end);
  }
});
