// The construct in apps of other people: where it may be, what it is called, and what can be set.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, NestedStack, RemovalPolicy, Stack, Stage, Validations } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { CompositeAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { Construct } from "constructs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { TagrelayStack } from "../../infra/stack.ts";
import { Tagrelay } from "../../infra/tagrelay.ts";
import type { TagrelayProps } from "../../infra/tagrelay-props.ts";
import { compileConfig } from "../../shared/config/compile.ts";
import { type Folder, makeFolder, root } from "../stand-ins/program.ts";

const config = compileConfig({
  pipelines: {
    daily: { schedule: { every: "24h" }, sequence: ["acme/base:1", "acme/app:1"] },
    other: { upstream: "debian:bookworm", sequence: ["acme/other:1"] },
  },
});

/** With rules of EventBridge. */
const onAws = compileConfig({
  pipelines: { p: { trigger: { codebuild: { project: "images" } }, sequence: ["acme/p:1"] } },
});

let folder: Folder;
let apps = 0;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const importedKey = (app: App) =>
  Key.fromKeyArn(
    new Stack(app, "Keys"),
    "Key",
    "arn:aws:kms:eu-west-1:123456789012:key/0d4a0c4e-2f51-4f8e-9d7e-3a5b7c9d1e2f",
  );

function createApp(): App {
  apps += 1;
  return new App({ outdir: join(folder.data, String(apps)) });
}

/** One with these props in a stack of its own. */
function create(props: Partial<TagrelayProps> = {}, id = "Tagrelay") {
  const stack = new Stack(createApp(), "Images");
  const tagrelay = new Tagrelay(stack, id, { config, ...props });
  return { stack, tagrelay, template: () => Template.fromStack(stack) };
}

/** All names that an account and region can have only once. */
function namesIn(template: Template): string[] {
  const named = (type: string, ...keys: string[]) =>
    Object.values(template.findResources(type)).map(({ Properties }) =>
      keys
        .map((key) => JSON.stringify(Properties[key] ?? Properties.MetricTransformations?.[0][key]))
        .join(" "),
    );
  return [
    ...named("AWS::Scheduler::ScheduleGroup", "Name"),
    ...named("AWS::Scheduler::Schedule", "Name"),
    ...named("AWS::Logs::MetricFilter", "MetricName"),
  ];
}

const groupsIn = (template: Template) =>
  Object.values(template.findResources("AWS::Scheduler::ScheduleGroup")).map(
    ({ Properties }) => Properties.Name,
  );
const prefixesIn = (template: Template) => [
  ...new Set(
    Object.values(template.findResources("AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.Environment.Variables.TAGRELAY_PARAMETERS,
    ),
  ),
];

describe("several", () => {
  test("in one stack have names of their own, and the first keeps its name", () => {
    const stack = new Stack(createApp(), "Images");
    const first = new Tagrelay(stack, "Tagrelay", { config });
    const second = new Tagrelay(stack, "Second", { config });
    const third = new Tagrelay(new Construct(stack, "Inner"), "Tagrelay", { config });
    expect([first, second, third].map(({ name }) => name)).toEqual([
      "Images",
      "Images-Second",
      "Images-Inner-Tagrelay",
    ]);
    const template = Template.fromStack(stack);
    expect(groupsIn(template)).toEqual(["Images", "Images-Second", "Images-Inner-Tagrelay"]);
    expect(prefixesIn(template)).toEqual(["/Images/", "/Images-Second/", "/Images-Inner-Tagrelay/"]);
    const names = namesIn(template);
    // A metric may count the lines of both functions.
    const alone = new Set(namesIn(create().template()));
    expect(alone.size).toBeGreaterThan(4);
    expect(new Set(names).size).toBe(3 * alone.size);
  });

  test("in nested stacks are named after the stack that is deployed", () => {
    const stack = new Stack(createApp(), "Images");
    const nested = ["One", "Two"].map((id) => new NestedStack(stack, id));
    const found = nested.map((one) => new Tagrelay(one, "Tagrelay", { config }));
    expect(found.map(({ name }) => name)).toEqual(["Images-One-Tagrelay", "Images-Two-Tagrelay"]);
    for (const [index, one] of nested.entries()) {
      const template = Template.fromStack(one);
      expect(groupsIn(template)).toEqual([found[index]?.name]);
      expect(prefixesIn(template)).toEqual([`/${found[index]?.name}/`]);
    }
    Template.fromStack(stack).resourceCountIs("AWS::CloudFormation::Stack", 2);
  });

  test("in stages are named after the stage", () => {
    const app = createApp();
    const names = ["Test", "Live"].map((id) => {
      const stack = new Stack(new Stage(app, id), "Images");
      const { name } = new Tagrelay(stack, "Tagrelay", { config });
      expect(groupsIn(Template.fromStack(stack))).toEqual([name]);
      return name;
    });
    expect(names).toEqual(["Test-Images", "Live-Images"]);
    app.synth();
  });

  test("pass cdk-nag wherever they are", () => {
    const app = createApp();
    const stack = new Stack(app, "Images");
    const zone = HostedZone.fromHostedZoneAttributes(stack, "Zone", {
      hostedZoneId: "Z1",
      zoneName: "example.org",
    });
    const domain = { name: "images.example.org", hostedZone: zone };
    new Tagrelay(stack, "Tagrelay", { config, domain, alarmEmail: "ops@example.org" });
    new Tagrelay(stack, "Second", { config, parameterPrefix: "/team/images/" });
    new Tagrelay(new NestedStack(stack, "Nested"), "Tagrelay", { config });
    const encryptionKey = new Key(stack, "Key", { enableKeyRotation: true });
    new Tagrelay(stack, "Encrypted", { config: onAws, encryptionKey });
    expect(validate(app)).toEqual([]);
    const other = createApp();
    new Queue(new Stack(other, "Other"), "Queue");
    expect(() => validate(other)).toThrow("AwsSolutions-SQS4");
  });
});

/** What CloudFormation's own rules warn of. What cdk-nag finds is thrown. */
function validate(app: App): unknown[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")).pluginReports;
}

describe("a name", () => {
  test("can be chosen, and is part of the prefix of the secrets", () => {
    const { tagrelay, template } = create({ name: "team.images_2" });
    expect([tagrelay.name, tagrelay.parameterPrefix]).toEqual(["team.images_2", "/team.images_2/"]);
    expect(groupsIn(template())).toEqual(["team.images_2"]);
    const { parameterPrefix } = create({ name: "images", parameterPrefix: "/team/secrets/" }).tagrelay;
    expect(parameterPrefix).toBe("/team/secrets/");
  });

  test("that would be too long is shortened, and stays unique", () => {
    const stack = new Stack(createApp(), "S".repeat(100));
    const names = ["a", "b"].map((id) => new Tagrelay(stack, id, { config }).name);
    for (const name of names) expect(name).toMatch(/^S{45}-[0-9a-f]{8}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  test("that another in the stack has is refused", () => {
    const { stack } = create({ name: "images" }, "One");
    const nested = new NestedStack(stack, "Nested");
    expect(() => new Tagrelay(nested, "Two", { config, name: "images" })).toThrow(
      'Images/Nested/Two: expected a name of its own, found "images", which Images/One has; set `name`',
    );
  });

  test("that SSM refuses is refused, with what to do", () => {
    const expected = 'expected a name that does not begin with "aws" or "ssm", which SSM reserves, found';
    const stack = new Stack(createApp(), "AwsImages");
    expect(() => new Tagrelay(stack, "Tagrelay", { config })).toThrow(
      `AwsImages/Tagrelay: ${expected} "AwsImages"; set \`name\`, or rename the stack`,
    );
    expect(() => create({ name: "ssm-images" })).toThrow(
      `Images/Tagrelay: ${expected} "ssm-images"; choose another`,
    );
  });
});

describe("wrong props are refused with the construct's path:", () => {
  test.each<[string, Partial<TagrelayProps>, string]>([
    [
      "a name with a slash",
      { name: "a/b" },
      'expected `name` to be 1 to 54 letters, digits, "-", "_" and ".", found "a/b"',
    ],
    ["a name that is too long", { name: "a".repeat(55) }, "expected `name` to be 1 to 54 letters"],
    [
      "a prefix without a slash at its end",
      { parameterPrefix: "/images" },
      "expected `parameterPrefix` to be a path such as /images/",
    ],
    [
      "a prefix that SSM reserves",
      { parameterPrefix: "/aws/images/" },
      'does not begin with "aws" or "ssm", found "/aws/images/"',
    ],
  ])("%s", (_what, props, message) => {
    expect(() => create(props)).toThrow("Images/Tagrelay: expected ");
    expect(() => create(props)).toThrow(message);
  });

  test("a domain without certificate and zone", () => {
    expect(() => create({ domain: { name: "images.example.org" } })).toThrow(
      "Images/Tagrelay/Http: expected `domain` to have a certificate for images.example.org, or the hosted zone to validate one in, found neither",
    );
  });

  test.each([
    ["a path in place of a configuration", "tagrelay.yaml", 'found "tagrelay.yaml"'],
    ["the text of a configuration", { pipelines: { p: {} } }, 'found a map with "pipelines"'],
    ["no configuration", undefined, "found nothing"],
  ])("%s", (_what, given, found) => {
    // As JavaScript would call it.
    const props = JSON.parse(JSON.stringify({ config: given }));
    expect(() => new Tagrelay(new Stack(createApp(), "Images"), "Tagrelay", props)).toThrow(
      `Images/Tagrelay: expected \`config\` to be what readConfig("tagrelay.yaml") of tagrelay/config returns, ${found}`,
    );
  });
});

describe("a domain", () => {
  const domainName = "images.example.org";

  test("with a certificate is mapped to the API, and links lead to it", () => {
    const app = createApp();
    const stack = new Stack(app, "Images");
    const arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1";
    const certificate = Certificate.fromCertificateArn(stack, "Certificate", arn);
    const { url, http } = new Tagrelay(stack, "Tagrelay", {
      config,
      domain: { name: domainName, certificate },
    });
    expect(url).toBe(`https://${domainName}`);
    expect(http.domainTarget).toBeDefined();
    const template = Template.fromStack(stack);
    template.hasResourceProperties("AWS::ApiGatewayV2::DomainName", {
      DomainName: domainName,
      DomainNameConfigurations: [{ CertificateArn: arn }],
    });
    template.resourceCountIs("AWS::ApiGatewayV2::ApiMapping", 1);
    template.resourceCountIs("AWS::Route53::RecordSet", 0);
    for (const { Properties } of Object.values(template.findResources("AWS::Lambda::Function"))) {
      expect(Properties.Environment.Variables.TAGRELAY_URL).toBe(`https://${domainName}`);
    }
  });

  test("with a hosted zone gets a certificate that the zone validates, and a record", () => {
    const stack = new Stack(createApp(), "Images");
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, "Zone", {
      hostedZoneId: "Z1",
      zoneName: "example.org",
    });
    new Tagrelay(stack, "Tagrelay", { config, domain: { name: domainName, hostedZone } });
    const template = Template.fromStack(stack);
    template.hasResourceProperties("AWS::CertificateManager::Certificate", {
      DomainName: domainName,
      ValidationMethod: "DNS",
      DomainValidationOptions: [{ DomainName: domainName, HostedZoneId: "Z1" }],
    });
    template.hasResourceProperties("AWS::Route53::RecordSet", {
      Name: `${domainName}.`,
      Type: "A",
      HostedZoneId: "Z1",
      AliasTarget: Match.objectLike({ DNSName: { "Fn::GetAtt": [Match.anyValue(), "RegionalDomainName"] } }),
    });
  });
});

describe("settings:", () => {
  test("the table is deleted with the stack if that is asked for, and is then not protected", () => {
    const template = create({ removalPolicy: RemovalPolicy.DESTROY }).template();
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Delete",
      Properties: { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] },
    });
  });

  test("nothing but the table is kept, so that the same name can be deployed again", () => {
    const kept = (template: Template) =>
      Object.values(template.toJSON().Resources).flatMap((resource) => {
        const { Type, DeletionPolicy } = z
          .object({ Type: z.string(), DeletionPolicy: z.string().optional() })
          .parse(resource);
        return DeletionPolicy === "Retain" ? [Type] : [];
      });
    expect(kept(create().template())).toEqual(["AWS::DynamoDB::GlobalTable"]);
    expect(kept(create({ removalPolicy: RemovalPolicy.DESTROY }).template())).toEqual([]);
  });

  test("all logs are kept as long as is asked for", () => {
    const template = create({ logRetention: RetentionDays.ONE_WEEK }).template();
    const logs = Object.values(template.findResources("AWS::Logs::LogGroup"));
    expect(logs.map(({ Properties }) => Properties.RetentionInDays)).toEqual([7, 7, 7]);
  });

  test("tags are on everything that can have some", () => {
    const template = create({ tags: { team: "images" } }).template();
    const tag = { Key: "team", Value: "images" };
    for (const type of ["Lambda::Function", "IAM::Role", "SQS::Queue", "SNS::Topic", "Logs::LogGroup"]) {
      template.allResourcesProperties(`AWS::${type}`, { Tags: Match.arrayWith([tag]) });
    }
    template.allResourcesProperties("AWS::ApiGatewayV2::Api", { Tags: { team: "images" } });
  });

  test("the functions use endpoints for FIPS and dual stack if that is asked for", () => {
    const endpointsIn = (template: Template) =>
      Object.values(template.findResources("AWS::Lambda::Function")).map(({ Properties }) =>
        Object.keys(Properties.Environment.Variables).filter((name) => name.startsWith("AWS_USE_")),
      );
    const both = ["AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"];
    const template = create({ fipsEndpoints: true, dualStackEndpoints: true }).template();
    expect(endpointsIn(template).map((names) => names.sort())).toEqual([both, both]);
    expect(endpointsIn(create({ fipsEndpoints: false }).template())).toEqual([[], []]);
  });

  test("the function that creates many schedules has the same endpoints, key and retention of logs", () => {
    const pipeline = (index: number) => [
      `p${index}`,
      { schedule: { every: "6h" }, sequence: [`acme/p:${index}`] },
    ];
    const pipelines = Object.fromEntries(Array.from({ length: 301 }, (_, index) => pipeline(index)));
    const template = create({
      config: compileConfig({ pipelines }),
      encryptionKey: importedKey(createApp()),
      logRetention: RetentionDays.ONE_WEEK,
      fipsEndpoints: true,
      dualStackEndpoints: true,
    }).template();
    const functions = template.findResources("AWS::Lambda::Function");
    const [, many] = Object.entries(functions).find(([id]) => id.includes("SchedulesMany")) ?? [];
    expect(Object.keys(functions)).toHaveLength(3);
    expect(many?.Properties).toMatchObject({
      Environment: { Variables: { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" } },
      KmsKeyArn: expect.anything(),
    });
    const groups = template.findResources("AWS::Logs::LogGroup");
    const [, log] = Object.entries(groups).find(([id]) => id.includes("SchedulesMany")) ?? [];
    expect(log?.Properties.RetentionInDays).toBe(7);
  });

  test("alarms go to a given topic, which then may receive them, and no other is made", () => {
    const stack = new Stack(createApp(), "Images");
    const alarmTopic = new Topic(stack, "Ops");
    const tagrelay = new Tagrelay(stack, "Tagrelay", {
      config,
      alarmTopic,
      alarmEmail: "ops@example.org",
    });
    expect(tagrelay.alarmTopic).toBe(alarmTopic);
    const template = Template.fromStack(stack);
    const own = { Ref: Match.stringLikeRegexp("^Ops") };
    template.resourceCountIs("AWS::SNS::Topic", 1);
    template.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: [own] });
    template.hasResourceProperties("AWS::SNS::Subscription", { TopicArn: own });
    const publish = Match.objectLike({
      Action: "sns:Publish",
      Principal: { Service: "cloudwatch.amazonaws.com" },
    });
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: { Statement: Match.arrayWith([publish]) },
    });
  });
});

describe("a key", () => {
  const encrypted = () => {
    const stack = new Stack(createApp(), "Images");
    const encryptionKey = new Key(stack, "Key");
    new Tagrelay(stack, "Tagrelay", {
      config: onAws,
      encryptionKey,
      alarmEmail: "ops@example.org",
      builds: { codebuild: { images: { source: { github: "acme/images" } } } },
    });
    return Template.fromStack(stack);
  };

  test("encrypts all that is stored", () => {
    const template = encrypted();
    const arn = { "Fn::GetAtt": [Match.stringLikeRegexp("^Key"), "Arn"] };
    template.allResourcesProperties("AWS::DynamoDB::GlobalTable", {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: arn } })],
    });
    template.allResourcesProperties("AWS::SNS::Topic", { KmsMasterKeyId: arn });
    template.allResourcesProperties("AWS::SQS::Queue", { KmsMasterKeyId: arn });
    template.allResourcesProperties("AWS::Logs::LogGroup", { KmsKeyId: arn });
    template.allResourcesProperties("AWS::Lambda::Function", { KmsKeyArn: arn });
    // Of the functions, the HTTP API and the two projects.
    template.resourceCountIs("AWS::Logs::LogGroup", 5);
  });

  test("may be used by what writes there, for this account only", () => {
    const template = encrypted();
    const [key] = Object.values(template.findResources("AWS::KMS::Key"));
    const statements = z
      .array(z.object({ Principal: z.record(z.string(), z.unknown()), Condition: z.unknown().optional() }))
      .parse(key?.Properties.KeyPolicy.Statement);
    const services = statements.filter(({ Principal }) => "Service" in Principal);
    const logs = { "Fn::Join": ["", ["logs.", { Ref: "AWS::Region" }, ".amazonaws.com"]] };
    const account = { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } };
    const logArn = { "kms:EncryptionContext:aws:logs:arn": expect.anything() };
    expect(services).toEqual([
      { Principal: { Service: logs }, Condition: { ArnLike: logArn } },
      {
        Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
        Condition: account,
      },
    ]);
    const roles = Object.entries(template.findResources("AWS::IAM::Policy")).flatMap(([id, policy]) =>
      JSON.stringify(policy).includes('"kms:Decrypt"') ? [id.replace(/DefaultPolicy.*/, "")] : [],
    );
    expect(roles.map((id) => id.replace(/[0-9A-F]{8}$/, "")).sort()).toEqual([
      "TagrelayScheduleRole",
      "TagrelaySchedulesRole",
      "TagrelayWebhookRole",
    ]);
  });

  test("may be used by what is allowed to read the runs", () => {
    const { stack, tagrelay, template } = create({ encryptionKey: importedKey(createApp()) });
    const reader = new Role(stack, "Reader", { assumedBy: new AccountPrincipal("123456789012") });
    tagrelay.grantReadRuns(reader);
    const policies = Object.entries(template().findResources("AWS::IAM::Policy"));
    const [, ofReader] = policies.find(([id]) => id.startsWith("Reader")) ?? [];
    expect(JSON.stringify(ofReader)).toContain('"Action":"kms:Decrypt"');
  });

  test("that is imported by its ARN is granted to the functions", () => {
    const encryptionKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0d4a0c4e-2f51-4f8e-9d7e-3a5b7c9d1e2f";
    const stack = new TagrelayStack(createApp(), "Images", { config, encryptionKeyArn });
    const template = Template.fromStack(stack);
    template.allResourcesProperties("AWS::SNS::Topic", { KmsMasterKeyId: encryptionKeyArn });
    template.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Resource: encryptionKeyArn })]) },
    });
  });

  test("is none by default: the keys are those of AWS", () => {
    expect(JSON.stringify(create().template().toJSON())).not.toContain("kms:");
  });
});

test("docs/deploy.md describes every prop and member", () => {
  const page = readFileSync(join(root, "docs/deploy.md"), "utf8");
  const namesIn = (file: string, pattern: RegExp) =>
    [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map(([, name]) => name);
  const props = namesIn("infra/tagrelay-props.ts", /^ {2}(\w+)\??: /gm);
  const members = namesIn("infra/tagrelay.ts", /^ {2}((?:grant|metric)\w+)\(/gm);
  expect([props.length, members.length]).toEqual([16, 7]);
  expect([...props, ...members].filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
});

describe("an app can use", () => {
  test("grants, each with the right that it names and no more", () => {
    const { stack, tagrelay, template } = create();
    const role = (id: string) => new Role(stack, id, { assumedBy: new AccountPrincipal("123456789012") });
    tagrelay.grantStart(role("Starter"));
    tagrelay.grantWriteSecrets(role("Writer"));
    tagrelay.grantReadRuns(role("Reader"));
    const rightsOf = (id: string) =>
      Object.entries(template().findResources("AWS::IAM::Policy"))
        .filter(([name]) => name.startsWith(`${id}DefaultPolicy`))
        .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
        .flatMap(({ Action }) => Action);
    expect(rightsOf("Starter")).toEqual(["lambda:InvokeFunction"]);
    expect(rightsOf("Writer")).toEqual(["ssm:PutParameter"]);
    const reading = rightsOf("Reader");
    expect(reading).toContain("dynamodb:Query");
    expect(reading.filter((action) => /Write|Put|Update|Delete/.test(action))).toEqual([]);
  });

  test("metrics and alarms for alarms of its own", () => {
    const { stack, tagrelay, template } = create();
    const count = Object.keys(create().template().findResources("AWS::CloudWatch::Alarm")).length;
    expect([count > 5, tagrelay.alarms.length]).toEqual([true, count]);
    new CompositeAlarm(stack, "Any", {
      alarmRule: {
        renderAlarmRule: () => tagrelay.alarms.map((alarm) => `ALARM(${alarm.alarmArn})`).join(" OR "),
      },
    });
    const metrics = [
      tagrelay.metricFailedRuns(),
      tagrelay.metricSweeps({ label: "Sweeps" }),
      tagrelay.metricDeadLetters(),
      tagrelay.metricServerErrors({ statistic: "Sum" }),
    ];
    for (const [index, metric] of metrics.entries()) {
      metric.createAlarm(stack, `Own${index}`, { threshold: 2, evaluationPeriods: 1 });
    }
    template().resourceCountIs("AWS::CloudWatch::Alarm", count + metrics.length);
    template().hasResourceProperties("AWS::CloudWatch::Alarm", {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: "FILL(webhook, 0) + FILL(schedule, 0)" })]),
    });
  });

  test("the table, the API and the dashboard", () => {
    const { stack, tagrelay } = create();
    const { table, api, dashboard } = tagrelay;
    for (const one of [table, api, dashboard]) expect(one.stack).toBe(stack);
  });
});
