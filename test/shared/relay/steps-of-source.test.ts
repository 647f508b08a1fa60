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
const none = (what: string) => ({ kind: "none", reason: `nothing that changed belongs to ${what}` });

test.each([
  ["a pipeline without paths is run whole", plain, any, "main", ["x"], steps(null)],
  ["also where nobody knows what has changed", plain, code, "main", null, steps(null)],
  ["by one of its branches", plain, code, "release/1", ["images/x"], steps(null)],
  ["one file of the source is enough", plain, code, "main", ["README.md", "images/x"], steps(null)],
  ["no file of the source is none", plain, code, "main", ["README.md", "images/test/x"], none("the source")],
  ["a step's file starts at the step", parted, any, "main", ["images/web/a", "README.md"], steps(["web"])],
  ["and so do those of several", parted, any, "main", ["images/base/a", "shared/b"], steps(["base", "web"])],
  ["no file of a step is none", parted, any, "main", ["images/base/README.md", "x"], none("a step")],
  [
    "what the source leaves out is no step's",
    parted,
    code,
    "main",
    ["images/web/test/a"],
    none("the source"),
  ],
  ["all steps with paths may have changed", parted, code, "main", null, steps(["base", "web"])],
])("%s", (_claim, pipeline, source, branch, files, expected) => {
  expect(stepsOfSource(pipeline, source, { branch, files })).toEqual(expected);
});

test.each(["develop", "main/1", "release/1/2", "Main"])(
  "a push to the branch %s is none of its",
  (branch) => {
    expect(stepsOfSource(plain, code, { branch, files: ["images/x"] })).toEqual({
      kind: "none",
      reason: "pushes to this branch start nothing",
    });
  },
);
