// Creates DynamoDB's client, with limits on how long a request may take: Docker Hub and Lambda have limits, too.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import type { StoreClock } from "../store-clock.ts";

/** A null endpoint is that of the AWS region. Any other endpoint works without credentials. */
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
          // A key without its secret, or the reverse, would make the client fail.
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
  if (clock !== null) readDates(client, clock);
  return client;
}

function readDates(client: DynamoDBClient, clock: StoreClock): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = clock.own();
      const result = await next(args);
      const answer = answerSchema.safeParse(result.response);
      clock.adjust(sentAt, answer.data?.headers.date);
      return result;
    },
    // Runs before the answer is parsed, and once per attempt.
    { step: "deserialize", priority: "low", name: "readDates" },
  );
}

const answerSchema = z.object({ headers: z.object({ date: z.optional(z.string()) }) });
