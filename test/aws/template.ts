// Reads from a synthesized template what the local stack needs to run it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.any(), Metadata: z.any() })),
});

export type DeployedFunction = {
  id: string;
  /** The folder of the assembly that a deployment uploads. */
  code: string;
  handler: string;
  environment: Record<string, string>;
  timeoutMs: number;
  statements: Statement[];
  failureDestination: string | null;
};
export type DeployedRule = { pattern: EventPattern; target: DeployedFunction; mayInvoke: boolean };
export type EventPattern = { [name: string]: string[] | EventPattern };
export type Statement = { actions: string[]; resources: string[] };
export type Deployment = ReturnType<typeof readDeployment>;

const region = "eu-west-1";
const account = "123456789012";
const pseudo = new Map([
  ["AWS::Region", region],
  ["AWS::AccountId", account],
  ["AWS::Partition", "aws"],
  ["AWS::URLSuffix", "amazonaws.com"],
]);
const services = new Map([
  ["AWS::DynamoDB::GlobalTable", (id: string) => `arn:aws:dynamodb:${region}:${account}:table/${id}`],
  ["AWS::IAM::Role", (id: string) => `arn:aws:iam::${account}:role/${id}`],
  ["AWS::SQS::Queue", (id: string) => `arn:aws:sqs:${region}:${account}:${id}`],
  ["AWS::Lambda::Function", (id: string) => `arn:aws:lambda:${region}:${account}:function:${id}`],
]);

export function readDeployment(assembly: string, stack: string) {
  const parsed = template.parse(JSON.parse(readFileSync(join(assembly, `${stack}.template.json`), "utf8")));
  const resources = Object.entries(parsed.Resources);
  const typeOf = (id: string) => parsed.Resources[id]?.Type ?? "";
  const ofType = (type: string) =>
    resources.filter(([, resource]) => resource.Type === type).map(([id, resource]) => ({ id, ...resource }));

  const topicOf = (id: string) =>
    typeOf(id) === "AWS::SNS::Topic" ? `arn:aws:sns:${region}:${account}:${id}` : undefined;

  const resolve = (value: unknown): string => {
    if (typeof value === "string") return value;
    const { Ref, ...functions } = z.record(z.string(), z.any()).parse(value);
    if (Ref !== undefined) return pseudo.get(Ref) ?? topicOf(Ref) ?? Ref;
    if (functions["Fn::Join"] !== undefined)
      return functions["Fn::Join"][1].map(resolve).join(functions["Fn::Join"][0]);
    if (functions["Fn::GetAtt"] !== undefined) {
      const [id, attribute] = functions["Fn::GetAtt"];
      return attribute === "Arn" ? (services.get(typeOf(id))?.(id) ?? `arn:of:${id}`) : `${id}.${attribute}`;
    }
    throw new Error(`expected a string, Ref, Fn::Join or Fn::GetAtt, found ${JSON.stringify(value)}`);
  };

  const statementsOf = (role: string): Statement[] =>
    ofType("AWS::IAM::Policy")
      .filter(({ Properties }) => Properties.Roles.some((one: unknown) => resolve(one) === role))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .map(({ Action, Resource }) => ({
        actions: [Action].flat(),
        resources: [Resource].flat().map(resolve),
      }));

  const functions: DeployedFunction[] = ofType("AWS::Lambda::Function").map(
    ({ id, Properties, Metadata }) => ({
      id,
      code: join(assembly, Metadata["aws:asset:path"]),
      handler: Properties.Handler,
      environment: Object.fromEntries(
        Object.entries(Properties.Environment?.Variables ?? {}).map(([name, value]) => [
          name,
          resolve(value),
        ]),
      ),
      timeoutMs: Properties.Timeout * 1_000,
      statements: statementsOf(Properties.Role["Fn::GetAtt"][0]),
      failureDestination:
        ofType("AWS::Lambda::EventInvokeConfig")
          .filter((config) => resolve(config.Properties.FunctionName) === id)
          .map((config) => resolve(config.Properties.DestinationConfig.OnFailure.Destination))[0] ?? null,
    }),
  );
  const functionOf = (arn: string) => {
    const found = functions.find(({ id }) => arn === services.get("AWS::Lambda::Function")?.(id));
    if (found === undefined) throw new Error(`expected a function, found ${arn}`);
    return found;
  };

  /** Whether the function's policy lets the rule invoke it. */
  const mayInvoke = (rule: string, target: DeployedFunction) =>
    ofType("AWS::Lambda::Permission").some(
      ({ Properties }) =>
        Properties.Principal === "events.amazonaws.com" &&
        resolve(Properties.FunctionName) === services.get("AWS::Lambda::Function")?.(target.id) &&
        resolve(Properties.SourceArn) === resolve({ "Fn::GetAtt": [rule, "Arn"] }),
    );
  const resolveAll = (pattern: Record<string, unknown>): EventPattern =>
    Object.fromEntries(
      Object.entries(pattern).map(([name, value]) => [
        name,
        Array.isArray(value)
          ? value.map(resolve)
          : resolveAll(z.record(z.string(), z.unknown()).parse(value)),
      ]),
    );

  return {
    region,
    functions,
    tables: ofType("AWS::DynamoDB::GlobalTable").map(({ id, Properties }) => ({
      TableName: id,
      BillingMode: Properties.BillingMode,
      AttributeDefinitions: Properties.AttributeDefinitions,
      KeySchema: Properties.KeySchema,
      GlobalSecondaryIndexes: Properties.GlobalSecondaryIndexes,
    })),
    routes: ofType("AWS::ApiGatewayV2::Route").map(({ Properties }) => {
      const integration = parsed.Resources[resolve(Properties.Target).replace("integrations/", "")];
      return {
        key: String(Properties.RouteKey),
        target: functionOf(resolve(integration?.Properties.IntegrationUri)),
      };
    }),
    customResources: ofType("AWS::CloudFormation::CustomResource").map(({ Properties }) => {
      const { ServiceToken, ServiceTimeout: _ofCloudformation, ...properties } = Properties;
      const resolved = Object.entries(properties).map(([name, value]) => [name, resolve(value)]);
      return { target: functionOf(resolve(ServiceToken)), properties: Object.fromEntries(resolved) };
    }),
    rules: ofType("AWS::Events::Rule").flatMap(({ id, Properties }) =>
      Properties.Targets.map(({ Arn }: { Arn: unknown }): DeployedRule => {
        const target = functionOf(resolve(Arn));
        return { pattern: resolveAll(Properties.EventPattern), target, mayInvoke: mayInvoke(id, target) };
      }),
    ),
    schedules: ofType("AWS::Scheduler::Schedule").map(({ Properties }) => ({
      name: String(Properties.Name),
      expression: String(Properties.ScheduleExpression),
      timezone: String(Properties.ScheduleExpressionTimezone),
      input: String(Properties.Target.Input),
      target: functionOf(resolve(Properties.Target.Arn)),
      retries: Number(Properties.Target.RetryPolicy.MaximumRetryAttempts),
      /** The rights of the schedule's role, which must include invoking the target. */
      statements: statementsOf(Properties.Target.RoleArn["Fn::GetAtt"][0]),
    })),
  };
}
