// The stack that `npx cdk deploy` deploys.
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ownSecretNames } from "./settings.ts";
import { Tagrelay, type TagrelayProps } from "./tagrelay.ts";

export class TagrelayStack extends Stack {
  constructor(scope: Construct, id: string, { config, alarmEmail, ...props }: StackProps & TagrelayProps) {
    super(scope, id, {
      description: "Tagrelay: builds Docker images that are built from one another, in order",
      ...props,
    });
    const { http, parameterPrefix } = new Tagrelay(this, "Tagrelay", {
      config,
      ...(alarmEmail === undefined ? {} : { alarmEmail }),
    });
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output(
      "WebhookUrl",
      `${http.url}/hooks/dockerhub/<${ownSecretNames.webhookSecret}>`,
      "The webhook of each repository on Docker Hub, with the secret in place of its name",
    );
    output("StatusUrl", `${http.url}/`, "What people look at");
    output("ApiUrl", `${http.url}/api`, `The API, with ${ownSecretNames.apiToken} as bearer token`);
    output("ParameterPrefix", parameterPrefix, "Where the secrets stand in SSM");
  }
}
