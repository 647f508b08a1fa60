// What the stack promises, read from its synthesized template.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPackedConfig } from "../../functions/packed-config/read-packed-config.ts";
import { TagrelayHttp } from "../../infra/http.ts";
import { TagrelayStack } from "../../infra/stack.ts";
import { scheduleNameIn } from "../../shared/aws/schedule-name.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { listRoutes } from "../../shared/http/routes.ts";
import { tableDefinition } from "../../shared/store/dynamodb/table.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";

const config = compileConfig({
  pipelines: {
    daily: { schedule: { cron: "17 3 * * MON-FRI", timezone: "Europe/Paris" }, sequence: ["acme/daily:1"] },
    often: { schedule: { every: "6h" }, sequence: ["acme/often:1"] },
    once: { schedule: { at: "2026-12-24T03:00:00", timezone: "Europe/Paris" }, sequence: ["acme/once:1"] },
    unscheduled: { upstream: "debian:bookworm", sequence: ["acme/unscheduled:1"] },
    both: {
      schedule: { every: "1h" },
      upstreamEvery: "15m",
      steps: { s: { image: "acme/both:1", upstream: ["debian:bookworm", "alpine"] } },
    },
  },
});

const env = { account: "123456789012", region: "eu-west-1" };

let folder: Folder;
let template: Template;
beforeAll(() => {
  folder = makeFolder();
  const app = new App({ outdir: folder.data });
  const stack = new TagrelayStack(app, "Tagrelay", { config, alarmEmail: "ops@example.org" });
  template = Template.fromStack(stack);
}, 60_000);
afterAll(() => folder.remove());

describe("the table", () => {
  test("is billed on demand, recoverable, encrypted, protected from deletion, and retained", () => {
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      },
    });
  });

  test("has the keys and the index that the store uses", () => {
    const { KeySchema, GlobalSecondaryIndexes, AttributeDefinitions } = tableDefinition;
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", { KeySchema, GlobalSecondaryIndexes });
    const [table] = Object.values(template.findResources("AWS::DynamoDB::GlobalTable"));
    expect(table?.Properties.AttributeDefinitions).toEqual(expect.arrayContaining([...AttributeDefinitions]));
  });
});

describe("the functions", () => {
  test("are two, on Arm and on the Node version of these tests, traced, with their settings in the environment", () => {
    const functions = Object.values(template.findResources("AWS::Lambda::Function"));
    expect(functions).toHaveLength(2);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Architectures: ["arm64"],
        Runtime: `nodejs${process.versions.node.split(".")[0]}.x`,
        Handler: "index.handler",
        TracingConfig: { Mode: "Active" },
        Environment: { Variables: { TAGRELAY_PARAMETERS: "/Tagrelay/", TAGRELAY_TABLE: expect.anything() } },
      });
    }
  });

  test("have a module under 750 KB, their pipelines and no source map; one also has the pages' assets and the API's description", () => {
    const assets = readdirSync(folder.data).filter((name) => name.startsWith("asset."));
    expect(assets).toHaveLength(2);
    const files = assets.map((asset) => readdirSync(join(folder.data, asset)).sort());
    expect(files.toSorted((a, b) => a.length - b.length)).toEqual([
      ["config.json", "index.mjs", "index.txt", "pipelines.jsonl"],
      ["assets", "config.json", "index.mjs", "index.txt", "openapi.json", "pipelines.jsonl"],
    ]);
    for (const asset of assets) {
      expect(statSync(join(folder.data, asset, "index.mjs")).size).toBeLessThan(750_000);
      const { catalog } = readPackedConfig(pathToFileURL(`${join(folder.data, asset)}/`));
      expect([...catalog.pipelines.values()]).toEqual(config.pipelines);
    }
    expect(readdirSync(join(folder.data, "source-maps")).sort()).toEqual([
      "schedule.mjs.map",
      "webhook.mjs.map",
    ]);
  });

  test("have the rights that they need, and no others", () => {
    expect(rightsOf("Webhook")).toEqual([
      "dynamodb:BatchGetItem on the table",
      "dynamodb:DeleteItem on the table",
      "dynamodb:GetItem on the table",
      "dynamodb:PutItem on the table",
      "dynamodb:Query on the table",
      "logs:CreateLogStream on its log",
      "logs:PutLogEvents on its log",
      "ssm:GetParameters on /Tagrelay/*",
      "xray:PutTelemetryRecords on *",
      "xray:PutTraceSegments on *",
    ]);
    expect(rightsOf("ScheduleRole")).toEqual([
      "dynamodb:DeleteItem on the table",
      "dynamodb:GetItem on the table",
      "dynamodb:PutItem on the table",
      "dynamodb:Query on the index due",
      "dynamodb:Query on the index watched",
      "dynamodb:Query on the table",
      "logs:CreateLogStream on its log",
      "logs:PutLogEvents on its log",
      "sqs:GetQueueAttributes on the dead letters",
      "sqs:GetQueueUrl on the dead letters",
      "sqs:SendMessage on the dead letters",
      "ssm:GetParameters on /Tagrelay/*",
      "xray:PutTelemetryRecords on *",
      "xray:PutTraceSegments on *",
    ]);
    expect(rightsOf("SchedulesRole")).toEqual([
      "lambda:InvokeFunction on the schedule function",
      "sqs:SendMessage on the dead letters",
    ]);
    const roles = Object.values(template.findResources("AWS::IAM::Role"));
    expect(roles).toHaveLength(3);
    for (const role of roles) expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  });

  test("keep their logs for three months", () => {
    const retentions = Object.values(template.findResources("AWS::Logs::LogGroup")).map(
      ({ Properties }) => Properties.RetentionInDays,
    );
    expect(retentions.sort()).toEqual([30, 90, 90]);
  });

  test("send an event that they fail to handle to the dead-letter queue", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 2,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("DeadLetters"), "Arn"] } },
      },
    });
  });
});

describe("the HTTP API", () => {
  const keys = () =>
    Object.values(template.findResources("AWS::ApiGatewayV2::Route")).map(({ Properties }) =>
      String(Properties.RouteKey),
    );
  /** By the rules of API Gateway: `{name}` is one segment, `{name+}` is the rest of the path. */
  const hasRouteFor = (method: string, path: string) =>
    keys().some((key) => {
      const [verb = "", pattern = ""] = key.split(" ");
      const expression = pattern.replace(/\{\w+\+\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
      return (verb === "ANY" || verb === method) && new RegExp(`^${expression}$`).test(path);
    });

  test("has a route for every route of the app", () => {
    const routes = listRoutes();
    expect(routes.length).toBeGreaterThan(20);
    const missing = routes.filter(({ method, path }) => !hasRouteFor(method, path.replace(/:\w+/g, "x")));
    expect(missing).toEqual([]);
  });

  test("gets a route for a new route of the app, and no further permission for it", () => {
    const stack = new Stack(new App({ outdir: join(folder.path, "http") }), "Http", { env });
    const handler = LambdaFunction.fromFunctionName(stack, "Function", "webhook");
    new TagrelayHttp(stack, "Http", {
      handler,
      routes: [...listRoutes(), { method: "GET", path: "/new/:page" }],
    });
    const withNew = Template.fromStack(stack);
    withNew.hasResourceProperties("AWS::ApiGatewayV2::Route", { RouteKey: "GET /new/{page}" });
    withNew.resourceCountIs("AWS::ApiGatewayV2::Route", keys().length + 2);
    withNew.resourceCountIs("AWS::Lambda::Permission", 1);
    template.resourceCountIs("AWS::Lambda::Permission", 1);
  });

  test.each([
    ["GET", "/wp-login.php"],
    ["PUT", "/sign-in"],
    ["GET", "/pipelines"],
  ])("has no route for %s %s, which the app does not know either", (method, path) => {
    expect(hasRouteFor(method, path)).toBe(false);
  });

  test("leaves everything under /api to the app, which answers unknown paths with a problem document", () => {
    expect(hasRouteFor("DELETE", "/api/unknown/path")).toBe(true);
  });

  test("logs to a group that needs no room in the account's resource policy", () => {
    template.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: Match.stringLikeRegexp("^/aws/vendedlogs/tagrelay/Tagrelay-[0-9a-f]{8}$"),
    });
  });

  test("is throttled, and logs no path: it contains the secret", () => {
    const [stage] = Object.values(template.findResources("AWS::ApiGatewayV2::Stage"));
    expect(stage?.Properties).toMatchObject({
      StageName: "$default",
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    expect(stage?.Properties.AccessLogSettings.Format).not.toMatch(
      /path|\$context\.(?:protocol|authorizer)/i,
    );
  });
});

describe("the schedules", () => {
  test("are deleted with their group, so that the stack can be deployed again under its name", () => {
    template.hasResource("AWS::Scheduler::ScheduleGroup", { DeletionPolicy: "Delete" });
  });

  test("have a role that EventBridge takes on for this account only", () => {
    template.hasResourceProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: "scheduler.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ],
      },
    });
  });

  test("are one for each scheduled pipeline, one for each pipeline with upstreams, and the sweep", () => {
    const schedules = Object.values(template.findResources("AWS::Scheduler::Schedule")).map(
      ({ Properties }) => Properties,
    );
    expect(
      schedules.map(({ ScheduleExpression, ScheduleExpressionTimezone, Target }) => [
        ScheduleExpression,
        ScheduleExpressionTimezone,
        JSON.parse(Target.Input),
      ]),
    ).toEqual([
      [
        "cron(17 3 ? * MON,TUE,WED,THU,FRI *)",
        "Europe/Paris",
        { start: "daily", scheduledFor: "<aws.scheduler.scheduled-time>" },
      ],
      [
        "cron(0 0,6,12,18 * * ? *)",
        "UTC",
        { start: "often", scheduledFor: "<aws.scheduler.scheduled-time>" },
      ],
      [
        "at(2026-12-24T03:00:00)",
        "Europe/Paris",
        { start: "once", scheduledFor: "<aws.scheduler.scheduled-time>" },
      ],
      // At instants of its own, which are the same at each deployment.
      [
        "cron(44 2,8,14,20 * * ? *)",
        "UTC",
        { lookAtUpstreams: "unscheduled", scheduledFor: "<aws.scheduler.scheduled-time>" },
      ],
      ["cron(0 * * * ? *)", "UTC", { start: "both", scheduledFor: "<aws.scheduler.scheduled-time>" }],
      [
        "cron(13,28,43,58 * * * ? *)",
        "UTC",
        { lookAtUpstreams: "both", scheduledFor: "<aws.scheduler.scheduled-time>" },
      ],
      ["rate(1 minute)", expect.anything(), { sweep: true }],
    ]);
    expect(schedules.map(({ Name }) => Name)).toEqual([
      "start-daily",
      "start-often",
      "start-once",
      "look-unscheduled",
      "start-both",
      "look-both",
      "sweep",
    ]);
    for (const { FlexibleTimeWindow, Target } of schedules) {
      expect(FlexibleTimeWindow).toEqual({ Mode: "OFF" });
      expect(Target.DeadLetterConfig).toBeDefined();
      expect(Target.RetryPolicy).toBeDefined();
    }
  });

  test("that EventBridge does not support are refused with their path", () => {
    const sequence = ["acme/p:1"];
    const bad = compileConfig({
      pipelines: {
        p: { schedule: { every: "90s" }, sequence },
        q: { upstream: "debian:bookworm", upstreamEvery: "90s", sequence },
      },
    });
    const app = new App({ outdir: join(folder.path, "refused") });
    const message = "expected whole minutes; EventBridge does not support seconds";
    expect(() => new TagrelayStack(app, "Refused", { config: bad })).toThrow(
      new RegExp(`pipelines\\.p\\.schedule: ${message}\\s+pipelines\\.q\\.upstreamEvery: ${message}`),
    );
  });
});

describe("more schedules than a stack has room for", () => {
  const scheduled = { schedule: { every: "6h" }, upstream: "debian:12", sequence: ["acme/p:1"] };
  const pipelines = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`p${index}`, scheduled]));
  let many: Template;
  beforeAll(() => {
    const app = new App({ outdir: join(folder.path, "many") });
    many = Template.fromStack(new TagrelayStack(app, "Many", { config: compileConfig({ pipelines }), env }));
  }, 60_000);
  const only = (type: string) => {
    const [found, ...others] = Object.values(many.findResources(type));
    if (found === undefined || others.length > 0) throw new Error(`expected one ${type}`);
    return found;
  };

  test("are created by a function, in a group of their own, and the sweep by CloudFormation", () => {
    expect(only("AWS::Scheduler::Schedule").Properties).toMatchObject({
      Name: scheduleNameIn("Many", "sweep"),
    });
    const groups = Object.values(many.findResources("AWS::Scheduler::ScheduleGroup"));
    expect(groups.map(({ Properties }) => Properties.Name).sort()).toEqual(["Many", "Many-pipelines"]);
    expect(only("AWS::CloudFormation::CustomResource")).toMatchObject({
      Properties: { group: "Many-pipelines", digest: expect.stringMatching(/^[0-9a-f]{16}$/) },
      // The group, the rights and what invokes the function exist before, and as long as, the schedules.
      DependsOn: expect.arrayContaining([
        expect.stringMatching(/SchedulesManyGroup/),
        expect.stringMatching(/SchedulesRoleDefaultPolicy/),
      ]),
    });
  });

  test("need no more resources for ten thousand pipelines, and no more room in the template", () => {
    const all = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, scheduled]));
    const app = new App({ outdir: join(folder.path, "most") });
    const most = Template.fromStack(
      new TagrelayStack(app, "Many", { config: compileConfig({ pipelines: all }), env }),
    );
    const resources = Object.keys(most.toJSON().Resources);
    // CloudFormation's limits are 500 resources and 1 MB.
    expect(resources.length).toBeLessThan(100);
    expect(resources).toHaveLength(Object.keys(many.toJSON().Resources).length);
    expect(JSON.stringify(most.toJSON()).length).toBeLessThan(100_000);
  });

  test("are all in the manifest beside its code", () => {
    const files = readdirSync(join(folder.path, "many"), { recursive: true, encoding: "utf8" });
    const [manifest = ""] = files.filter((file) => file.endsWith("schedules.json"));
    const { schedules } = JSON.parse(readFileSync(join(folder.path, "many", manifest), "utf8"));
    expect(schedules).toHaveLength(402);
  });

  test("give the function rights to the schedules of that group only, and to pass the one role to EventBridge", () => {
    const [policy] = Object.entries(many.findResources("AWS::IAM::Policy"))
      .filter(([id]) => id.includes("SchedulesManyFunctionRole"))
      .map(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const text = JSON.stringify(policy);
    expect(text).toContain(":scheduler:eu-west-1:123456789012:schedule/Many-pipelines/*");
    expect(text).toContain('"Condition":{"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}');
    const actions = policy.flatMap(({ Action }: { Action: string | string[] }) => Action);
    expect(actions.sort()).toEqual([
      "iam:PassRole",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "scheduler:CreateSchedule",
      "scheduler:DeleteSchedule",
      "scheduler:ListSchedules",
      "scheduler:UpdateSchedule",
    ]);
  });

  test("need no more resources than few do", () => {
    const count = Object.keys(many.toJSON().Resources).length;
    expect(count).toBeLessThan(100);
  });
});

describe("channels", () => {
  const noticeSettingsOf = (of: Template) => ({
    environments: Object.values(of.findResources("AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.Environment.Variables,
    ),
    publishing: Object.values(of.findResources("AWS::IAM::Policy"))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().includes("sns:Publish"))
      .map(({ Resource }) => Resource),
  });
  const synth = (name: string, document: object) => {
    const withChannels = compileConfig({ pipelines: { p: { sequence: ["acme/p:1"] } }, ...document });
    const app = new App({ outdir: join(folder.path, name) });
    return noticeSettingsOf(Template.fromStack(new TagrelayStack(app, "Channels", { config: withChannels })));
  };
  const ownTopic = { Ref: expect.stringMatching(/^TagrelayFailures/) };

  test("without topics need no rights, and the functions know the address of their pages", () => {
    const { environments, publishing } = noticeSettingsOf(template);
    expect(publishing).toEqual([]);
    for (const environment of environments) {
      expect(environment).toHaveProperty(["TAGRELAY_URL", "Fn::GetAtt"]);
      expect(environment).not.toHaveProperty("TAGRELAY_TOPIC");
    }
  });

  test("on the stack's topic give both functions the right to publish to it, and link to the configured URL", () => {
    const document = { channels: { mail: { sns: {} } }, url: "https://tagrelay.example.org/" };
    const { environments, publishing } = synth("own-topic", document);
    expect(publishing).toEqual([ownTopic, ownTopic]);
    const expected = { TAGRELAY_TOPIC: ownTopic, TAGRELAY_URL: "https://tagrelay.example.org" };
    expect(environments).toMatchObject([expected, expected]);
  });

  test("on another topic give the right to publish to that topic, and none to the stack's own", () => {
    const topic = "arn:aws:sns:eu-west-1:123456789012:ops";
    const channels = { mail: { sns: { topic } }, again: { sns: { topic } }, ops: { slack: { secret: "A" } } };
    const { environments, publishing } = synth("other-topic", { channels });
    expect(publishing).toEqual([topic, topic]);
    for (const environment of environments) expect(environment).not.toHaveProperty("TAGRELAY_TOPIC");
  });
});

test("channels on event buses give both functions the right to put events on those, and on no other", () => {
  const arn = "arn:aws:events:us-east-1:123456789012:event-bus/far";
  const channels = {
    own: { eventbridge: {} },
    near: { eventbridge: { bus: "ops" } },
    far: { eventbridge: { bus: arn } },
  };
  const withBuses = compileConfig({ pipelines: { p: { sequence: ["acme/p:1"] } }, channels });
  const app = new App({ outdir: join(folder.path, "buses") });
  const of = Template.fromStack(new TagrelayStack(app, "Buses", { config: withBuses, env }));
  const granted = Object.values(of.findResources("AWS::IAM::Policy"))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes("events:PutEvents"));
  expect(granted).toHaveLength(2);
  for (const { Resource } of granted) {
    const named = [Resource]
      .flat()
      .map((one) => JSON.stringify(one).replace(/.*(?=:events:)|"\]\]\}|"/g, ""));
    expect(named.sort()).toEqual([
      ":events:eu-west-1:123456789012:event-bus/default",
      ":events:eu-west-1:123456789012:event-bus/ops",
      ":events:us-east-1:123456789012:event-bus/far",
    ]);
  }
});

test("commands are refused, because there is no machine to run them on", () => {
  const trigger = { command: { run: "docker build ." } };
  const bad = compileConfig({ pipelines: { p: { trigger, sequence: ["acme/p:1"] } } });
  const app = new App({ outdir: join(folder.path, "no-machine") });
  expect(() => new TagrelayStack(app, "Refused", { config: bad })).toThrow(
    /^pipelines\.p\.steps\.acme\/p:1\.trigger: expected a trigger that works on AWS .*, found a command; run this/,
  );
});

test("builds of Dockerfiles are refused, too", () => {
  const bad = compileConfig({
    ...{
      builds: { command: { run: "docker build {context}" } },
      pipelines: { p: { sequence: ["acme/p:1"] } },
    },
  });
  const app = new App({ outdir: join(folder.path, "no-builds") });
  expect(() => new TagrelayStack(app, "Refused", { config: bad })).toThrow(
    /^builds: expected no builds by a command, which need a machine to run on, found some; leave them out on AWS/,
  );
});

test("channels of kind smtp are refused, because the functions contain no mail client", () => {
  const mail = { smtp: { host: "smtp.example.org", from: "a@example.org", to: "b@example.org" } };
  const bad = compileConfig({ channels: { mail }, pipelines: { p: { sequence: ["acme/p:1"] } } });
  const app = new App({ outdir: join(folder.path, "no-mail") });
  expect(() => new TagrelayStack(app, "Refused", { config: bad })).toThrow(
    /^channels\.mail\.smtp: expected a channel that works on AWS, found smtp; for e-mail, use `sns: {}`/,
  );
});

describe("alarms", () => {
  test("are sent by e-mail", () => {
    template.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "ops@example.org",
    });
  });

  test("may publish to the topic, in spite of its own policy", () => {
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: Match.objectLike({ StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } }),
          }),
        ]),
      },
    });
  });

  test("exist for each kind of failure, and report its start; those of a state also report its end", () => {
    const alarms = Object.entries(template.findResources("AWS::CloudWatch::Alarm"));
    const names = alarms.map(([id]) => id.replace(/^TagrelayMonitoring|[0-9A-F]{8}$/g, ""));
    expect(names.sort()).toEqual([
      "DeadLetters",
      "Errorsschedule",
      "Errorswebhook",
      "LoggedErrors",
      "NotSwept",
      "RunFailedschedule",
      "RunFailedwebhook",
      "ServerErrors",
      "Throttlesschedule",
      "Throttleswebhook",
    ]);
    for (const [id, { Properties }] of alarms) {
      expect(Properties.AlarmActions).toHaveLength(1);
      const happened = /RunFailed|LoggedErrors|NotSwept/.test(id);
      expect(Properties.OKActions ?? []).toHaveLength(happened ? 0 : 1);
      expect(Properties.InsufficientDataActions ?? []).toHaveLength(id.includes("NotSwept") ? 1 : 0);
    }
    // Missing data is the state of a new alarm, and no change that would send a mail at the first deployment.
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "missing",
      EvaluationPeriods: 3,
    });
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "AWS/ApiGateway",
      MetricName: "5xx",
      Statistic: "Sum",
    });
    const errors = template.findResources("AWS::Logs::MetricFilter", {
      Properties: { FilterPattern: '{ ($.level = "error") && ($.event != "notice") }' },
    });
    const metrics = Object.values(errors).map(
      ({ Properties }) => Properties.MetricTransformations[0].MetricName,
    );
    expect(metrics).toHaveLength(2);
    expect(new Set(metrics).size).toBe(1);
    template.hasResourceProperties("AWS::Logs::MetricFilter", {
      FilterPattern: '{ $.subject = "runFailed" }',
    });
    template.hasResourceProperties("AWS::Logs::MetricFilter", {
      FilterPattern: '{ $.event = "sweep.done" }',
    });
    template.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  });
});

test("the outputs are the addresses of the webhook, the status pages and the API, and the prefix of the secrets, but no secret", () => {
  const outputs = Object.keys(template.findOutputs("*"));
  expect(outputs.sort()).toEqual(["ApiUrl", "ParameterPrefix", "StatusUrl", "TableName", "WebhookUrl"]);
  expect(JSON.stringify(template.findOutputs("WebhookUrl"))).toContain(
    "/hooks/dockerhub/<TAGRELAY_WEBHOOK_SECRET>",
  );
});

/** `action on resource` for each right in the policies of the role with this name. */
function rightsOf(role: string): string[] {
  const policies = Object.entries(template.findResources("AWS::IAM::Policy"))
    .filter(([id]) => id.startsWith(`Tagrelay${role}`))
    .map(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return policies
    .flat()
    .flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action: string) => [Resource].flat().map((resource) => `${action} on ${nameOf(resource)}`)),
    )
    .sort();
}

function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  if (text === '"*"') return "*";
  if (text.includes("parameter/")) return /parameter(\/[^"]*)/.exec(text)?.[1] ?? text;
  if (text.includes("/index/")) return `the index ${/\/index\/([^"]*)/.exec(text)?.[1]}`;
  if (/Table/.test(text)) return "the table";
  if (/DeadLetters/.test(text)) return "the dead letters";
  if (/ScheduleFunction/.test(text)) return "the schedule function";
  return /Log/.test(text) ? "its log" : text;
}
