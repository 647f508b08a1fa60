// `npm run doctor`: looks at a deployment from outside, and says what is not as it should be, and what to do.
import { parseArgs } from "node:util";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { defaultStackName, ownSecretNames, parameterPrefixOf } from "../../infra/settings.ts";
import { readConfig } from "../../shared/config/read-config.ts";
import { ConfigError } from "../../shared/core/config-error.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { secretsOf } from "../../shared/triggers/start-build.ts";

type Finding = { isWell: boolean; what: string };
const well = (what: string): Finding => ({ isWell: true, what });
const ill = (what: string): Finding => ({ isWell: false, what });

const usage = `Usage: npm run doctor -- [--stack NAME] [--config FILE]

Looks at the deployment of a stack (${defaultStackName} unless told), in the AWS account and region of the environment:
its secrets, its schedules, and its webhook and API from outside. Exit code 0 when all is well, 1 when not.`;

async function main(): Promise<number> {
  const options = {
    stack: { type: "string", default: defaultStackName },
    config: { type: "string", default: "tagrelay.yaml" },
    help: { type: "boolean" },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { pipelines } = readConfig(values.config);
  const outputs = await readOutputs(values.stack);
  const secrets = await readParameters(values.stack, neededSecrets(pipelines));
  const findings = [
    ...checkSecrets(values.stack, secrets),
    ...(await checkSchedules(values.stack, pipelines)),
    ...(await checkHttp(outputs, secrets)),
  ];
  for (const { isWell, what } of findings) process.stdout.write(`${isWell ? "ok  " : "NOT OK  "}${what}\n`);
  return findings.every(({ isWell }) => isWell) ? 0 : 1;
}

async function readOutputs(StackName: string): Promise<Map<string, string>> {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return new Map(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

function neededSecrets(pipelines: readonly Pipeline[]): string[] {
  const ofTriggers = pipelines.flatMap(({ steps }) => steps.flatMap(({ trigger }) => secretsOf(trigger)));
  return [...new Set([ownSecretNames.webhookSecret, ownSecretNames.apiToken, ...ofTriggers])];
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

async function checkSchedules(stack: string, pipelines: readonly Pipeline[]): Promise<Finding[]> {
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

try {
  process.exitCode = await main();
} catch (error) {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
  process.stderr.write(
    `tagrelay: ${error instanceof ConfigError ? message : `the deployment cannot be looked at: ${name}: ${message}`}\n`,
  );
  process.exitCode = 2;
}
