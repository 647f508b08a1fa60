// The client of DynamoDB, with limits on how long it may take: whoever waits for it has limits too.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Without an endpoint, that of the AWS region. An endpoint of one's own needs no AWS account. */
export function createDynamodbClient(endpoint: string | null): DynamoDBClient {
  const local =
    endpoint === null
      ? {}
      : {
          endpoint,
          region: process.env.AWS_REGION ?? "local",
          // Half of a key is no key.
          ...(process.env.AWS_ACCESS_KEY_ID && process.env.AWS_SECRET_ACCESS_KEY
            ? {}
            : {
                credentials: { accessKeyId: "local", secretAccessKey: "local" },
              }),
        };
  return new DynamoDBClient({
    ...local,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    },
  });
}
