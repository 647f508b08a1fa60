// The stack that `npx cdk deploy` deploys.
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { ownSecretNames } from "../shared/settings.ts";
import { Tagrelay } from "./tagrelay.ts";
import type { TagrelayProps } from "./tagrelay-props.ts";

export type TagrelayStackProps = StackProps &
  TagrelayProps & {
    /** The ARN of a key that exists, instead of `encryptionKey`. */
    encryptionKeyArn?: string;
  };

export class TagrelayStack extends Stack {
  readonly tagrelay: Tagrelay;

  constructor(scope: Construct, id: string, { encryptionKeyArn, ...props }: TagrelayStackProps) {
    const { tags } = props;
    super(scope, id, {
      description: "Tagrelay: builds Docker images that depend on each other, in order",
      ...props,
      ...(tags === undefined ? {} : { tags: { ...tags } }),
    });
    const imported =
      encryptionKeyArn === undefined
        ? {}
        : { encryptionKey: Key.fromKeyArn(this, "EncryptionKey", encryptionKeyArn) };
    this.tagrelay = new Tagrelay(this, "Tagrelay", { ...imported, ...props });
    const { url, parameterPrefix, table } = this.tagrelay;
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output(
      "WebhookUrl",
      `${url}/hooks/dockerhub/<${ownSecretNames.webhookSecret}>`,
      `The webhook of each repository on Docker Hub; replace <${ownSecretNames.webhookSecret}> with the secret`,
    );
    output("StatusUrl", `${url}/`, "The status pages");
    output("ApiUrl", `${url}/api`, `The API; send ${ownSecretNames.apiToken} as the bearer token`);
    output("ParameterPrefix", parameterPrefix, "The prefix of the secrets' names in SSM Parameter Store");
    output("TableName", table.tableName, "The table, for tagrelay backup and restore");
  }
}
