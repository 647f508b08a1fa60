// Runs a workflow of GitHub on this machine: its expressions by GitHub's own evaluator, its shell steps by bash, the build by
// buildah. Each job has a machine of its own.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import * as z from "zod";
import { type Evaluate, loadEvaluator } from "./evaluate-expression.ts";

const texts = z.record(z.string(), z.unknown()).default({});
const stepSchema = z.object({
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  env: texts,
  with: texts,
});
const jobSchema = z.object({
  needs: z.union([z.string(), z.array(z.string())]).default([]),
  outputs: texts,
  env: texts,
  strategy: z.object({ matrix: z.record(z.string(), z.unknown()) }).optional(),
  steps: z.array(stepSchema).default([]),
});
const workflowSchema = z.object({ jobs: z.record(z.string(), jobSchema) });
type Job = z.infer<typeof jobSchema>;
type Step = z.infer<typeof stepSchema>;
type Texts = Record<string, string>;

export type Machine = {
  /** The repository, which has been cloned. */
  repository: string;
  /** For the machines of the jobs. */
  folder: string;
  /** The environment of all steps: PATH with a docker, and REGISTRY, where images of Docker Hub are. */
  env: Texts;
};
export type RunContext = {
  inputs: Texts;
  github: Record<string, unknown>;
  vars: Texts;
  secrets: Texts;
};

const exec = promisify(execFile);

/** The outputs of the jobs by their names. Throws if a step fails. */
export async function runWorkflow(
  text: string,
  { folder, ...machine }: Machine,
  context: RunContext,
  only: readonly string[] | null = null,
): Promise<Record<string, Texts>> {
  const evaluate = await loadEvaluator();
  const { jobs } = workflowSchema.parse(parse(text));
  const outputs: Record<string, Texts> = {};
  const artifacts = join(folder, "artifacts");
  for (const [name, job] of Object.entries(jobs)) {
    if (only !== null && !only.includes(name)) continue;
    const needs = Object.fromEntries([job.needs].flat().map((one) => [one, { outputs: outputs[one] ?? {} }]));
    const matrices = readMatrix(job, evaluate, { ...context, needs });
    for (const [index, matrix] of matrices.entries()) {
      const place = { ...machine, folder: join(folder, `${name}-${index}`) };
      outputs[name] = await runJob(job, place, { ...context, needs, matrix }, artifacts, evaluate);
    }
  }
  return outputs;
}

function readMatrix(job: Job, evaluate: Evaluate, context: object): unknown[] {
  const [entry] = Object.entries(job.strategy?.matrix ?? {});
  if (entry === undefined) return [{}];
  const [key, value] = entry;
  const list = typeof value === "string" ? evaluate(value, context) : value;
  return z
    .array(z.unknown())
    .parse(list)
    .map((one) => ({ [key]: one }));
}

async function runJob(
  job: Job,
  { repository, folder, env: outer }: Machine,
  given: object,
  artifacts: string,
  evaluate: Evaluate,
): Promise<Texts> {
  const workspace = join(folder, "work");
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_ENV: join(folder, "env") };
  mkdirSync(workspace, { recursive: true });
  const steps: Record<string, { outputs: Texts }> = {};
  const context = { ...given, runner: { temp: join(folder, "temp") }, steps };
  const fill = (values: Record<string, unknown>): Texts =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, String(evaluate(String(value), context))]),
    );
  for (const step of job.steps) {
    if (step.if !== undefined && !evaluate(`\${{ ${step.if} }}`, context)) continue;
    for (const file of Object.values(files)) if (!existsSync(file)) writeFileSync(file, "");
    writeFileSync(files.GITHUB_OUTPUT, "");
    const env: Texts = {
      ...outer,
      MACHINE: folder,
      GITHUB_REF_NAME: "main",
      ...files,
      ...fill(job.env),
      ...readValues(readFileSync(files.GITHUB_ENV, "utf8")),
      ...fill(step.env),
    };
    if (step.run !== undefined) {
      await exec("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], {
        cwd: workspace,
        env,
      });
    } else await useAction(step, fill(step.with), { repository, workspace, artifacts, env });
    const outputs = readValues(readFileSync(files.GITHUB_OUTPUT, "utf8"));
    if (step.id !== undefined) steps[step.id] = { outputs };
  }
  return fill(job.outputs);
}

type Place = { repository: string; workspace: string; artifacts: string; env: Texts };

/** Actions that set something up do nothing here. */
async function useAction(
  { uses = "" }: Step,
  inputs: Texts,
  { repository, workspace, artifacts, env }: Place,
) {
  const [action] = uses.split("@");
  if (action === "actions/checkout") {
    await exec("git", ["clone", "--quiet", "--branch", inputs.ref || "main", repository, workspace], { env });
  } else if (action === "actions/upload-artifact") {
    cpSync((inputs.path ?? "").replace("/*", ""), join(artifacts, inputs.name ?? ""), { recursive: true });
  } else if (action === "actions/download-artifact") {
    const prefix = (inputs.pattern ?? "").replace("*", "");
    for (const name of readdirSync(artifacts).filter((one) => one.startsWith(prefix)))
      cpSync(join(artifacts, name), inputs.path ?? "", { recursive: true });
  } else if (action === "docker/build-push-action") await build(inputs, workspace, env);
}

/** As the action does with the output of an image by its digest. */
async function build(inputs: Texts, cwd: string, env: Texts): Promise<void> {
  const lines = (name: string) => (inputs[name] ?? "").split("\n").filter((line) => line !== "");
  const [, name = ""] = /name=([^,]+)/.exec(inputs.outputs ?? "") ?? [];
  const store = [
    "--storage-driver",
    "vfs",
    "--root",
    `${env.MACHINE}/images`,
    "--runroot",
    `${env.MACHINE}/run`,
  ];
  const flags = [
    ...["--platform", inputs.platforms ?? "", "--file", inputs.file ?? "", "--pull-always"],
    ...lines("build-args").flatMap((arg) => ["--build-arg", arg]),
    ...lines("build-contexts").flatMap((pair) => ["--build-context", pair]),
  ];
  const context = inputs.context ?? "";
  const image = "built-here";
  await exec("buildah", [...store, "bud", "-q", "--isolation", "chroot", ...flags, "--tag", image, context], {
    cwd,
    env,
  });
  const digestFile = join(env.MACHINE ?? "", "digest");
  const target = `docker://${env.REGISTRY}/${name}:pushed-by-digest`;
  await exec(
    "buildah",
    [
      ...store,
      "push",
      "-q",
      "--tls-verify=false",
      "--format",
      "oci",
      "--digestfile",
      digestFile,
      image,
      target,
    ],
    { env },
  );
  writeFileSync(env.GITHUB_OUTPUT ?? "", `digest=${readFileSync(digestFile, "utf8")}\n`);
}

/** `NAME=value` lines, and `NAME<<END` with the lines up to END. */
function readValues(text: string): Texts {
  const values: Texts = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, end] = /^(\w+)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(lines[at] ?? "") ?? [];
    if (name !== undefined) {
      const last = lines.indexOf(end ?? "", at + 1);
      values[name] = lines.slice(at + 1, last).join("\n");
      at = last;
    } else if (key !== undefined) values[key] = value ?? "";
  }
  return values;
}
