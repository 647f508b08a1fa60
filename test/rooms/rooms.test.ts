import { expect, test } from "vitest";
import { root } from "../stand-ins/program.ts";
import { checkRooms, readSources } from "./rooms.ts";

const order = [["shared/low"], ["shared/left", "shared/right"], ["functions"]];
const check = (files: Record<string, string>) => checkRooms(new Map(Object.entries(files)), order);

test("the project keeps the order of its rooms", () => {
  const sources = readSources(root);
  expect(sources.size).toBeGreaterThan(100);
  expect(checkRooms(sources)).toEqual([]);
});

test("imports from the same room and from lower rooms are allowed", () => {
  const found = check({
    "shared/low/a.ts": 'import { readFileSync } from "node:fs";',
    "shared/left/b.ts": 'import { a } from "../low/a.ts";\nimport { c } from "./c.ts";',
    "shared/left/c.ts": "",
    "functions/d.js": 'const b = await import("../shared/left/b.ts");',
  });
  expect(found).toEqual([]);
});

test.each([
  ["a room above", "shared/low/a.ts", 'import { d } from "../../functions/d.ts";', "functions/d.ts"],
  [
    "a type of a room above",
    "shared/low/a.ts",
    'import type { D } from "../../functions/d.ts";',
    "functions/d.ts",
  ],
  ["a room on the same level", "shared/left/b.ts", 'export * from "../right/c.ts";', "shared/right/c.ts"],
  ["a room above, at run time", "shared/low/a.ts", 'await import("../right/c.ts");', "shared/right/c.ts"],
])("an import of %s is reported", (_what, from, text, to) => {
  expect(check({ [from]: text, [to]: "" })).toEqual([
    `${from} imports ${to}, which is not in a lower room; move what it needs down, or pass it in as an argument`,
  ]);
});

test("every cycle is reported with its files", () => {
  const found = check({
    "shared/low/a.ts": 'import "./b.ts";',
    "shared/low/b.ts": 'import "./c.ts";',
    "shared/low/c.ts": 'import "./a.ts";',
    "functions/x.ts": 'import "./y.ts";\nimport "../shared/low/a.ts";',
    "functions/y.ts": 'import type { X } from "./x.ts";',
    "functions/self.ts": 'import "./self.ts";',
  });
  const advice = "these files import each other in a cycle; move what they share to a file of its own: ";
  expect(found).toEqual([
    `${advice}shared/low/a.ts → shared/low/b.ts → shared/low/c.ts → shared/low/a.ts`,
    `${advice}functions/x.ts → functions/y.ts → functions/x.ts`,
    `${advice}functions/self.ts → functions/self.ts`,
  ]);
});

test("a file in no room is reported", () => {
  expect(check({ "shared/new/a.ts": 'import "../low/a.ts";', "shared/low/a.ts": "" })).toEqual([
    "shared/new/a.ts is in no room; add its folder to test/rooms/rooms.ts",
  ]);
});
