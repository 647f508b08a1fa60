// A topic of SNS is AWS's: one machine has none.
import type { Channel } from "../../shared/core/pipeline.ts";
import { UsageError } from "./options.ts";

export function refuseSns(channels: readonly Channel[]): void {
  const names = channels.filter(({ to }) => to.sns !== undefined).map(({ name }) => name);
  if (names.length === 0) return;
  throw new UsageError(
    `expected channels that need no AWS, such as slack, discord, teams or webhook, found sns: ${names.join(", ")}; topics are for what \`npx cdk deploy\` deploys`,
  );
}
