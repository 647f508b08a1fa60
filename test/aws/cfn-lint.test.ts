import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
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

test.each([
  ["the sample", null],
  ["images in ECR that CodeBuild builds", onAws],
  ["the projects of CodeBuild in examples/codebuild", example],
  ["more pipelines than a stack has room for", many],
])(
  "`npx cdk synth` of %s needs no credentials, and neither cdk-nag nor cfn-lint finds a problem in the template",
  async (_name, pipelines) => {
    const folder = makeFolder();
    const file = typeof pipelines === "object" && pipelines !== null ? folder.config(pipelines) : pipelines;
    const config = file === null ? [] : ["--context", `config=${file}`];
    await synthesize({ home: folder.path, args: ["--output", folder.data, ...config], isValidated: true });
    const report = JSON.parse(readFileSync(join(folder.data, "validation-report.json"), "utf8"));
    expect(JSON.stringify(report)).not.toContain("AwsSolutions");
    const template = join(folder.data, "Tagrelay.template.json");
    // W3005: the CDK declares the dependency of a function on its role twice.
    const options = [
      "--format",
      "parseable",
      "--ignore-checks",
      "W3005",
      "--regions",
      "us-east-1",
      "eu-west-1",
      "--",
    ];
    const lint = await run(join(tools, "python/bin/cfn-lint"), [...options, template]);
    expect(lint.stdout).toBe("");
    folder.remove();
  },
  120_000,
);
