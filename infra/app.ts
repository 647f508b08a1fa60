// The CDK app behind `npx cdk synth` and `npx cdk deploy`: the pipelines of tagrelay.yaml on AWS.
import { Annotations, App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { ConfigError } from "../shared/config/config-error.ts";
import { readConfig } from "../shared/config/read-config.ts";
import { defaultStackName } from "../shared/settings.ts";
import { PropsError } from "./props-error.ts";
import { TagrelayStack } from "./stack.ts";

try {
  const app = new App();
  const context = (name: string): string | undefined => {
    const value: unknown = app.node.tryGetContext(name);
    return typeof value === "string" ? value : undefined;
  };
  const alarmEmail = context("alarmEmail");
  const isSet = (name: string) => String(app.node.tryGetContext(name)) === "true";
  const encryptionKeyArn = context("encryptionKey");
  const stack = new TagrelayStack(app, context("stack") ?? defaultStackName, {
    config: readConfig(context("config") ?? "tagrelay.yaml"),
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
    fipsEndpoints: isSet("fipsEndpoints"),
    dualStackEndpoints: isSet("dualStackEndpoints"),
    ...(encryptionKeyArn === undefined ? {} : { encryptionKeyArn }),
  });
  if (alarmEmail === undefined) {
    const advice =
      'expected an alarmEmail in the "context" of cdk.json, found none: alarms are mailed to nobody';
    Annotations.of(stack).addWarningV2("tagrelay:alarmEmail", advice);
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof PropsError)) throw error;
  process.stderr.write(`tagrelay: ${error.message}\n`);
  process.exit(2);
}
