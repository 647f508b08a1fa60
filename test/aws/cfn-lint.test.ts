import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { makeFolder, root } from "../stand-ins/program.ts";
import { synthesize } from "../stand-ins/synth.ts";
import { tools } from "./dynamodb-local.ts";

const run = promisify(execFile);

const scheduled = (index: number) => [
  `p${index}`,
  { schedule: { every: "6h" }, sequence: [`acme/p:${index}`] },
];
const many = Object.fromEntries(Array.from({ length: 401 }, (_, index) => scheduled(index)));

const ecr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const onAws = {
  p: { trigger: { codebuild: { project: "images" } }, sequence: [`${ecr}/acme/base:1`, `${ecr}/acme/api:1`] },
};
const example = join(root, "examples/codebuild/tagrelay.yaml");

/** The CDK's own checks take long, so not all have them. */
const templates: [what: string, pipelines: string | Record<string, unknown> | null, isValidated: boolean][] =
  [
    ["the sample", null, true],
    ["images in ECR that CodeBuild builds", onAws, false],
    ["the projects of CodeBuild in examples/codebuild", example, true],
    ["more pipelines than a stack has room for", many, false],
  ];

const folder = makeFolder();
afterAll(() => folder.remove());
const outputOf = (place: number) => join(folder.path, String(place));

test.each(templates.map((one, place) => [...one, place] as const))(
  "`npx cdk synth` of %s needs no credentials, and neither the CDK nor cdk-nag finds a problem in the template",
  async (_what, pipelines, isValidated, place) => {
    const file = typeof pipelines === "object" && pipelines !== null ? folder.config(pipelines) : pipelines;
    const config = file === null ? [] : ["--context", `config=${file}`];
    const args = ["--output", outputOf(place), ...config];
    await synthesize({ home: folder.path, args, isValidated });
    const report = JSON.parse(readFileSync(join(outputOf(place), "validation-report.json"), "utf8"));
    expect(report.pluginReports).toEqual([]);
  },
  120_000,
);

test("cfn-lint finds no problem in any of these templates", async () => {
  const files = templates.map((_one, place) => join(outputOf(place), "Tagrelay.template.json"));
  // W3005: the CDK declares the dependency of a function on its role twice.
  const ignored = ["--ignore-checks", "W3005"];
  const options = ["--format", "parseable", ...ignored, "--regions", "us-east-1", "eu-west-1", "--"];
  const { stdout } = await run(join(tools, "python/bin/cfn-lint"), [...options, ...files]);
  expect(stdout).toBe("");
}, 120_000);
