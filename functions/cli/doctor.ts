// `tagrelay doctor`: checks a deployment on AWS, or with --local the local program, from outside, and says how to fix what it
// finds.
import { existsSync } from "node:fs";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { scheduleNameIn } from "../../shared/aws/schedule-name.ts";
import { neededSecrets } from "../../shared/config/needed-secrets.ts";
import { readConfig } from "../../shared/config/read-config.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { upstreamsOf } from "../../shared/pipeline/upstreams-of.ts";
import {
  defaultStackName,
  mostPlainSchedules,
  ownSecretNames,
  parameterPrefixOf,
  pipelineGroupOf,
  scheduleNames,
} from "../../shared/settings.ts";
import { sampleConfig } from "../start-options.ts";
import { checkHttp } from "./check-http.ts";
import { checkRegistries } from "./check-registries.ts";
import { checkWebhooks } from "./check-webhooks.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { type ConnectionOptions, readConnection } from "./connection.ts";
import { defaultConfig } from "./defaults.ts";
import { examineLocal } from "./doctor-local.ts";
import { explainAwsError } from "./explain-aws-error.ts";
import { type Finding, notOk, ok } from "./finding.ts";
import { type Io, print, printJson } from "./io.ts";
import { loadConfig } from "./load-config.ts";

type Options = ConnectionOptions & {
  stack: string;
  config: string;
  local?: true | undefined;
  data: string;
  json?: true | undefined;
};

export async function doctor(io: Io, options: Options) {
  const { stack, json } = options;
  const findings = options.local
    ? await examineLocal(io, loadLocalConfig(io, options.config), options)
    : await examineDeployment(stack, addressOf(io, options), loadConfig(io, options.config));
  const isWell = findings.every((finding) => finding.isWell);
  if (json) printJson(io, { isWell, findings });
  else print(io, ...findings.map((finding) => `${finding.isWell ? "ok  " : "NOT OK  "}${finding.what}`));
  return isWell ? exitCodes.success : exitCodes.failure;
}

/** The program runs the sample, too, in a folder without a configuration. */
function loadLocalConfig(io: Io, file: string): Config {
  const isSample = file === defaultConfig && !existsSync(io.resolvePath(file));
  return isSample ? readConfig(sampleConfig) : loadConfig(io, file);
}

/** Null for the one that the stack tells. */
function addressOf(io: Io, options: ConnectionOptions): string | null {
  return options.url === undefined ? null : readConnection(io, options).url;
}

function examineDeployment(stack: string, url: string | null, config: Config): Promise<Finding[]> {
  return examine(stack, url, config).catch((error: unknown) => {
    const reason = explainAwsError(error);
    throw new CliError(exitCodes.unreachable, `the deployment cannot be checked: ${reason}`, {
      cause: error,
    });
  });
}

/** `url` is where a construct is reached: the stacks of other apps may have no outputs. */
async function examine(stack: string, url: string | null, config: Config): Promise<Finding[]> {
  const outputs = url === null ? await readOutputs(stack) : new Map([["ApiUrl", `${url}/api`]]);
  const secrets = await readParameters(stack, requiredSecrets(config));
  return [
    ...checkSecrets(stack, secrets),
    ...(await checkSchedules(stack, config)),
    ...(await checkHttp(outputs, secrets, config)),
    ...(await checkWebhooks(outputs, secrets)),
    ...(await checkRegistries(config, async (name) => secrets.get(name) ?? null, process.env)),
  ];
}

async function readOutputs(StackName: string): Promise<Map<string, string>> {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return new Map(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

function requiredSecrets(config: Config): string[] {
  const named = neededSecrets(config).map(({ secret }) => secret);
  return [...new Set([ownSecretNames.webhookSecret, ownSecretNames.apiToken, ...named])];
}

async function readParameters(stack: string, names: readonly string[]): Promise<Map<string, string | null>> {
  const client = new SSMClient();
  const prefix = parameterPrefixOf(stack);
  const found = new Map<string, string | null>(names.map((name) => [name, null]));
  // GetParameters accepts at most ten names.
  for (let from = 0; from < names.length; from += 10) {
    const Names = names.slice(from, from + 10).map((name) => `${prefix}${name}`);
    const { Parameters } = await client.send(new GetParametersCommand({ Names, WithDecryption: true }));
    for (const { Name = "", Value } of Parameters ?? []) found.set(Name.slice(prefix.length), Value ?? null);
  }
  return found;
}

function checkSecrets(stack: string, secrets: ReadonlyMap<string, string | null>): Finding[] {
  const option = stack === defaultStackName ? "" : ` --stack ${stack}`;
  return [...secrets].map(([name, value]) =>
    value === null
      ? notOk(`the secret ${name} is missing; set it with: npx tagrelay secret set ${name}${option}`)
      : ok(`the secret ${name} is set`),
  );
}

async function checkSchedules(stack: string, { pipelines }: Config): Promise<Finding[]> {
  const ofPipelines = [
    ...pipelines.filter(({ schedule }) => schedule !== null).map(({ name }) => scheduleNames.start(name)),
    ...pipelines
      .filter((pipeline) => upstreamsOf(pipeline).length > 0)
      .map(({ name }) => scheduleNames.look(name)),
  ];
  const groups = ofPipelines.length > mostPlainSchedules ? [stack, pipelineGroupOf(stack)] : [stack];
  const states = new Map<string, string | undefined>();
  for (const group of groups) await readScheduleStates(group, states);
  return [scheduleNames.sweep, ...ofPipelines].map((base) => {
    // The function that creates the schedules of many pipelines gives them plain names: their group is its own.
    const name = states.has(base) ? base : scheduleNameIn(stack, base);
    const state = states.get(name);
    if (state === "ENABLED") return ok(`the schedule ${name} is enabled`);
    return state === undefined
      ? notOk(`the schedule ${name} is missing; deploy again with: npx cdk deploy`)
      : notOk(`the schedule ${name} is ${state.toLowerCase()}; enable it in EventBridge Scheduler`);
  });
}

async function readScheduleStates(GroupName: string, states: Map<string, string | undefined>): Promise<void> {
  const client = new SchedulerClient();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSchedulesCommand({ GroupName, MaxResults: 100, NextToken }));
    for (const { Name = "", State } of page.Schedules ?? []) states.set(Name, State);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}
