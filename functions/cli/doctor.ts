// `tagrelay doctor`: checks a deployment on AWS from outside, and says how to fix what it finds.
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { scheduleNameIn } from "../../shared/aws/schedule-name.ts";
import { neededSecrets } from "../../shared/config/needed-secrets.ts";
import { nameOf } from "../../shared/log.ts";
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
import { checkRegistries } from "./check-registries.ts";
import { checkWebhooks } from "./check-webhooks.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { readConnection } from "./connection.ts";
import { explainAwsError } from "./explain-aws-error.ts";
import { type Finding, notOk, ok } from "./finding.ts";
import { type Io, print, printJson } from "./io.ts";
import { loadConfig } from "./load-config.ts";

type Options = { stack: string; config: string; url?: string | undefined; json?: true | undefined };

export async function doctor(io: Io, { stack, config, json, ...options }: Options) {
  const url = options.url === undefined ? null : readConnection(io, options).url;
  const findings = await examine(stack, url, loadConfig(io, config)).catch((error: unknown) => {
    const reason = explainAwsError(error);
    throw new CliError(exitCodes.unreachable, `the deployment cannot be checked: ${reason}`, {
      cause: error,
    });
  });
  const isWell = findings.every((finding) => finding.isWell);
  if (json) printJson(io, { isWell, findings });
  else print(io, ...findings.map((finding) => `${finding.isWell ? "ok  " : "NOT OK  "}${finding.what}`));
  return isWell ? exitCodes.success : exitCodes.failure;
}

/** `url` is where a construct is reached: the stacks of other apps may have no outputs. */
async function examine(stack: string, url: string | null, config: Config): Promise<Finding[]> {
  const outputs = url === null ? await readOutputs(stack) : new Map([["ApiUrl", `${url}/api`]]);
  const secrets = await readParameters(stack, requiredSecrets(config));
  return [
    ...checkSecrets(stack, secrets),
    ...(await checkSchedules(stack, config)),
    ...(await checkHttp(outputs, secrets)),
    ...(await checkWebhooks(outputs, secrets)),
    ...(await checkRegistries(config, async (name) => secrets.get(name) ?? null)),
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

async function checkHttp(
  outputs: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string | null>,
): Promise<Finding[]> {
  const api = outputs.get("ApiUrl");
  if (api === undefined) {
    return [
      notOk(
        "the stack has no output ApiUrl; deploy again with: npx cdk deploy, or give its address by --url",
      ),
    ];
  }
  const origin = api.replace(/\/api$/, "");
  const hook = (secret: string) => `${origin}/hooks/dockerhub/${secret}`;
  const webhookSecret = secrets.get(ownSecretNames.webhookSecret);
  const token = secrets.get(ownSecretNames.apiToken);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  return Promise.all([
    check("the program answers", 200, `${origin}/healthz`),
    check("the webhook rejects a wrong secret", 404, hook("wrong"), webhook),
    check("the API rejects a request without a token", 401, `${api}/pipelines`),
    ...(webhookSecret
      ? [check("the webhook accepts the right secret", 200, hook(webhookSecret), webhook)]
      : []),
    ...(token ? [check("the API accepts the right token", 200, `${api}/pipelines`, bearer)] : []),
  ]);
}

/** Reports an image that no pipeline builds, so it changes nothing. */
const webhook: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ repository: { repo_name: "tagrelay/doctor" }, push_data: { tag: "none" } }),
};

async function check(what: string, status: number, url: string, init: RequestInit = {}): Promise<Finding> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000), redirect: "manual" });
    await response.body?.cancel();
    if (response.status === status) return ok(what);
    return notOk(`expected that ${what} (${status}), found ${response.status}; see the function's log`);
  } catch (error) {
    const name = nameOf(error);
    return notOk(`expected that ${what} (${status}), found no answer (${name})`);
  }
}
