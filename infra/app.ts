// The CDK app behind `npx cdk synth` and `npx cdk deploy`: the pipelines of tagrelay.yaml on AWS.
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { ConfigError } from "../shared/config/config-error.ts";
import { readConfig } from "../shared/config/read-config.ts";
import { defaultStackName } from "../shared/settings.ts";
import { TagrelayStack } from "./stack.ts";

try {
  const app = new App();
  const context = (name: string): string | undefined => {
    const value: unknown = app.node.tryGetContext(name);
    return typeof value === "string" ? value : undefined;
  };
  const alarmEmail = context("alarmEmail");
  new TagrelayStack(app, context("stack") ?? defaultStackName, {
    config: readConfig(context("config") ?? "tagrelay.yaml"),
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`tagrelay: ${error.message}\n`);
  process.exit(2);
}
