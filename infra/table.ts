// The table: the state and history of all runs.
import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  CfnGlobalTable,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { expiryAttribute, indexes } from "../shared/store/dynamodb/table.ts";

export function createTable(
  scope: Construct,
  removalPolicy: RemovalPolicy,
  encryptionKey: IKey | undefined,
): TableV2 {
  const table = new TableV2(scope, "Table", {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: expiryAttribute,
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
    globalSecondaryIndexes: indexes.map(({ name, shardKey, instantKey }) => ({
      indexName: name,
      partitionKey: { name: shardKey, type: AttributeType.STRING },
      sortKey: { name: instantKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    })),
  });
  const { defaultChild } = table.node;
  if (encryptionKey !== undefined && defaultChild instanceof CfnGlobalTable) {
    // The CDK itself refuses a key in a stack whose region is not known before it is deployed.
    defaultChild.addPropertyOverride("Replicas.0.SSESpecification.KMSMasterKeyId", encryptionKey.keyArn);
  }
  return table;
}
