// The stack that `npx cdk deploy` deploys.
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ownSecretNames } from "../shared/settings.ts";
import { Tagrelay, type TagrelayProps } from "./tagrelay.ts";

export class TagrelayStack extends Stack {
  constructor(scope: Construct, id: string, { config, alarmEmail, ...props }: StackProps & TagrelayProps) {
    super(scope, id, {
      description: "Tagrelay: builds Docker images that depend on each other, in order",
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
      `The webhook of each repository on Docker Hub; replace <${ownSecretNames.webhookSecret}> with the secret`,
    );
    output("StatusUrl", `${http.url}/`, "The status pages");
    output("ApiUrl", `${http.url}/api`, `The API; send ${ownSecretNames.apiToken} as the bearer token`);
    output("ParameterPrefix", parameterPrefix, "The prefix of the secrets' names in SSM Parameter Store");
  }
}
