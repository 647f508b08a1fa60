import { expect, test } from "vitest";
import { stepsOfSource } from "../../../shared/relay/steps-of-source.ts";

const plain = {
  steps: [
    { name: "a", paths: [] },
    { name: "b", paths: [] },
  ],
};
const parted = {
  steps: [
    { name: "base", paths: ["images/base", "!**/*.md"] },
    { name: "web", paths: ["images/web", "shared/**"] },
    { name: "all", paths: [] },
  ],
};
const any = { branches: ["main"], paths: [] };
const code = { branches: ["main", "release/*"], paths: ["images/**", "shared/**", "!**/test/**"] };
const steps = (from: string[] | null) => ({ kind: "steps", from });
const none = (what: string) => ({ kind: "none", reason: `no changed file belongs to ${what}` });

test.each([
  ["without paths, the whole pipeline runs", plain, any, "main", ["x"], steps(null)],
  ["also if the changed files are not known", plain, code, "main", null, steps(null)],
  ["a branch may match a pattern", plain, code, "release/1", ["images/x"], steps(null)],
  ["one changed file of the source is enough", plain, code, "main", ["README.md", "images/x"], steps(null)],
  [
    "no changed file of the source starts nothing",
    plain,
    code,
    "main",
    ["README.md", "images/test/x"],
    none("the source"),
  ],
  [
    "a changed file of a step starts at the step",
    parted,
    any,
    "main",
    ["images/web/a", "README.md"],
    steps(["web"]),
  ],
  [
    "changed files of several steps start at each of them",
    parted,
    any,
    "main",
    ["images/base/a", "shared/b"],
    steps(["base", "web"]),
  ],
  [
    "no changed file of a step starts nothing",
    parted,
    any,
    "main",
    ["images/base/README.md", "x"],
    none("a step"),
  ],
  [
    "a file that the source excludes belongs to no step",
    parted,
    code,
    "main",
    ["images/web/test/a"],
    none("the source"),
  ],
  [
    "if the changed files are not known, every step with paths is affected",
    parted,
    code,
    "main",
    null,
    steps(["base", "web"]),
  ],
])("%s", (_claim, pipeline, source, branch, files, expected) => {
  expect(stepsOfSource(pipeline, source, { branch, files })).toEqual(expected);
});

test.each(["develop", "main/1", "release/1/2", "Main"])(
  "a push to the branch %s starts nothing",
  (branch) => {
    expect(stepsOfSource(plain, code, { branch, files: ["images/x"] })).toEqual({
      kind: "none",
      reason: "pushes to this branch start nothing",
    });
  },
);
