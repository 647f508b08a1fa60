// The client of DynamoDB, with limits on how long it may take: whoever waits for it has limits too.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import type { StoreClock } from "./store-clock.ts";

/** Without an endpoint, that of the AWS region. An endpoint of one's own needs no AWS account. */
export function createDynamodbClient(
  endpoint: string | null,
  clock: StoreClock | null = null,
): DynamoDBClient {
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
  const client = new DynamoDBClient({
    ...local,
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    },
  });
  if (clock !== null) hearDates(client, clock);
  return client;
}

function hearDates(client: DynamoDBClient, clock: StoreClock): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = clock.own();
      const result = await next(args);
      const answer = answerSchema.safeParse(result.response);
      clock.hear(sentAt, answer.data?.headers.date);
      return result;
    },
    // Before the answer is read, and once for each time that the request is sent.
    { step: "deserialize", priority: "low", name: "hearDates" },
  );
}

const answerSchema = z.object({ headers: z.object({ date: z.optional(z.string()) }) });
