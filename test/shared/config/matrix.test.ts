import { expect, test } from "vitest";
import { imageNameOf } from "../../../shared/pipeline/pipeline.ts";
import { compile, problemsOf } from "./compile-one.ts";

const python = ["3.12", "3.13"];
const trigger = {
  http: { url: "https://ci.example.org/build", body: "{tag} for {python} after {digest:base-{python}}" },
};
const bodiesOf = (pipeline: object) =>
  compile(pipeline)?.steps.map((step) => (step.trigger.kind === "http" ? step.trigger.body : null));

test("a matrix makes a step of each combination, and what comes after it comes after all of them", () => {
  const pipeline = compile({
    steps: {
      base: { image: "acme/base:{python}-{os}", matrix: { python, os: ["slim", "alpine"] } },
      app: { image: "acme/app:1", after: "base" },
    },
  });
  const base = ["base-3.12-slim", "base-3.12-alpine", "base-3.13-slim", "base-3.13-alpine"];
  expect(pipeline?.steps.map(({ name, after }) => ({ name, after }))).toEqual([
    ...base.map((name) => ({ name, after: [] })),
    { name: "app", after: base },
  ]);
  expect(pipeline?.steps.map(imageNameOf)).toContain("acme/base:3.13-alpine");
});

test("a step comes after the one of its own value, and the pipeline's trigger gets the values", () => {
  const steps = {
    "base-{python}": {
      image: "acme/base:{python}",
      matrix: { python },
      trigger: { dockerhub: { secret: "A" } },
    },
    app: { image: "acme/app:{python}", after: "base-{python}", matrix: { python } },
  };
  const pipeline = compile({ trigger, steps });
  expect(pipeline?.steps.map(({ name, after }) => [name, ...after])).toEqual([
    ["base-3.12"],
    ["base-3.13"],
    ["app-3.12", "base-3.12"],
    ["app-3.13", "base-3.13"],
  ]);
  expect(bodiesOf({ trigger, steps })).toEqual([
    ...[null, null],
    "{tag} for 3.12 after {digest:base-3.12}",
    "{tag} for 3.13 after {digest:base-3.13}",
  ]);
});

test("a matrix leaves placeholders after a $ to the shell, and the parameters of a run to the run", () => {
  const shell = ["$", "{python}"].join("");
  const run = `make {python} ${shell} {version}`;
  const app = { image: "acme/app:{python}-{version}", matrix: { python }, trigger: { command: { run } } };
  const [first] = compile({ parameters: { version: "1" }, steps: { app } })?.steps ?? [];
  expect(first?.trigger).toMatchObject({ run: `make 3.12 ${shell} {parameter:version}` });
  expect(first === undefined ? null : imageNameOf(first)).toBe("acme/app:3.12-{version}");
});

test.each([
  [
    { python: [3.12] },
    '.matrix.python[0]: expected a text such as "3.12", found the number 3.12; put it in quotes',
  ],
  [{ python: [] }, ".matrix.python: expected a list of at least 1, found an empty list"],
])("the matrix %j is rejected with the reason", (matrix, problem) => {
  const [found] = problemsOf({ steps: { app: { image: "acme/app:1", matrix } } });
  expect(found).toBe(`pipelines.p.steps.app${problem}`);
});

test("steps that a matrix makes twice, or without another image, are rejected", () => {
  const app = { image: "acme/app:1", matrix: { python } };
  expect(problemsOf({ steps: { app } })).toEqual([
    'pipelines.p.steps.app-3.13: expected each image once in a pipeline, found acme/app:1 twice (first as step "app-3.12")',
  ]);
  const steps = { app: { ...app, image: "acme/app:{python}" }, "app-3.12": { image: "acme/other:1" } };
  expect(problemsOf({ steps })).toEqual([
    "pipelines.p.steps.app-3.12: expected each step once, found app-3.12 2 times, by a matrix",
  ]);
});
