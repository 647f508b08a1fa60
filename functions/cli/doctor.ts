// `tagrelay doctor`: looks at a deployment from outside, and says what is not as it should be, and what to do.
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { defaultStackName, ownSecretNames, parameterPrefixOf } from "../../infra/settings.ts";
import type { Config } from "../../shared/core/pipeline.ts";
import { upstreamsOf } from "../../shared/relay/upstreams-of.ts";
import { neededSecrets } from "../../shared/secrets/needed-secrets.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { loadConfig } from "./load-config.ts";
import { say, sayJson } from "./text.ts";

type Finding = { isWell: boolean; what: string };
const well = (what: string): Finding => ({ isWell: true, what });
const ill = (what: string): Finding => ({ isWell: false, what });

type Options = { stack: string; config: string; json?: true | undefined };

export async function doctor({ stack, config, json }: Options) {
  const findings = await examine(stack, loadConfig(config)).catch((error: unknown) => {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
    throw new CliError(exitCodes.unreachable, `the deployment cannot be looked at: ${name}: ${message}`, {
      cause: error,
    });
  });
  const isWell = findings.every((finding) => finding.isWell);
  if (json) sayJson({ isWell, findings });
  else for (const finding of findings) say(`${finding.isWell ? "ok  " : "NOT OK  "}${finding.what}`);
  return isWell ? exitCodes.done : exitCodes.notWell;
}

async function examine(stack: string, config: Config): Promise<Finding[]> {
  const outputs = await readOutputs(stack);
  const secrets = await readParameters(stack, requiredSecrets(config));
  return [
    ...checkSecrets(stack, secrets),
    ...(await checkSchedules(stack, config)),
    ...(await checkHttp(outputs, secrets)),
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
      ? ill(`the secret ${name} is missing; write it with: npm run secret -- ${name}${option}`)
      : well(`the secret ${name} is there`),
  );
}

async function checkSchedules(stack: string, { pipelines }: Config): Promise<Finding[]> {
  const client = new SchedulerClient();
  const found = new Map<string, string | undefined>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSchedulesCommand({ GroupName: stack, NextToken }));
    for (const { Name = "", State } of page.Schedules ?? []) found.set(Name, State);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const expected = [
    "sweep",
    ...pipelines.filter(({ schedule }) => schedule !== null).map(({ name }) => `start-${name}`),
    ...pipelines.filter((pipeline) => upstreamsOf(pipeline).length > 0).map(({ name }) => `look-${name}`),
  ];
  return expected.map((name) => {
    const state = found.get(name);
    if (state === "ENABLED") return well(`the schedule ${name} is enabled`);
    return state === undefined
      ? ill(`the schedule ${name} is missing; deploy again with: npx cdk deploy`)
      : ill(`the schedule ${name} is ${state.toLowerCase()}; enable it in EventBridge Scheduler`);
  });
}

async function checkHttp(
  outputs: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string | null>,
): Promise<Finding[]> {
  const api = outputs.get("ApiUrl");
  if (api === undefined) return [ill("the stack has no output ApiUrl; deploy again with: npx cdk deploy")];
  const origin = api.replace(/\/api$/, "");
  // An image that nobody has: the webhook is asked for its opinion, and nothing comes of it.
  const body = JSON.stringify({ repository: { repo_name: "tagrelay/doctor" }, push_data: { tag: "none" } });
  const hook = (secret: string) => ({
    what: `${origin}/hooks/dockerhub/${secret}`,
    init: { method: "POST", headers: { "content-type": "application/json" }, body },
  });
  const webhookSecret = secrets.get(ownSecretNames.webhookSecret);
  const token = secrets.get(ownSecretNames.apiToken);
  const checks = [
    check("the program answers", 200, `${origin}/healthz`),
    check("the webhook refuses a wrong secret", 404, hook("wrong").what, hook("wrong").init),
    check("the API refuses who has no token", 401, `${api}/pipelines`),
    ...(webhookSecret
      ? [check("the webhook takes the right secret", 200, hook(webhookSecret).what, hook(webhookSecret).init)]
      : []),
    ...(token
      ? [
          check("the API takes the right token", 200, `${api}/pipelines`, {
            headers: { authorization: `Bearer ${token}` },
          }),
        ]
      : []),
  ];
  return Promise.all(checks);
}

async function check(what: string, status: number, url: string, init: RequestInit = {}): Promise<Finding> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000), redirect: "manual" });
    await response.body?.cancel();
    if (response.status === status) return well(what);
    return ill(`expected that ${what} (${status}), found ${response.status}; the function's log says why`);
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown error";
    return ill(`expected that ${what} (${status}), found no answer (${name})`);
  }
}
