// A key of the user's own in KMS: what is encrypted by it, and who may use it.
import { Stack, Validations } from "aws-cdk-lib";
import { type IGrantable, PolicyStatement, type Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

export function encryptedBy(encryptionKey: IKey | undefined): { encryptionKey?: IKey } {
  return encryptionKey === undefined ? {} : { encryptionKey };
}

/** The rights that DynamoDB, SQS and SNS need of whom they serve, and SSM if the secrets are encrypted by the key, too. */
export function grantUse(key: IKey, role: Role & IGrantable): void {
  key.grant(
    role,
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  );
  Validations.of(role).acknowledge(
    ...["kms:GenerateDataKey*", "kms:ReEncrypt*"].map((actions) => ({
      id: `AwsSolutions-IAM5[Action::${actions}]`,
      reason: "The CDK's right to send to an encrypted queue; it is for one key",
    })),
  );
}

/** Only for what belongs to the account of the construct. An imported key has to have these in its policy already. */
export function letServicesUse(key: IKey, scope: Construct): void {
  const { account, partition, region } = Stack.of(scope);
  const ofAccount = { StringEquals: { "aws:SourceAccount": account } };
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
      resources: ["*"],
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      // Alarms publish to the topic, and EventBridge sends what a function does not receive to the queue.
      principals: ["cloudwatch", "events"].map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resources: ["*"],
      conditions: ofAccount,
    }),
  );
}
