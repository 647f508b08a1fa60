// Refuses channels of kind sns, which need AWS.
import type { Channel } from "../../shared/pipeline/pipeline.ts";
import { UsageError } from "../../shared/usage-error.ts";

export function refuseSns(channels: readonly Channel[]): void {
  const names = channels.filter(({ to }) => to.kind === "sns").map(({ name }) => name);
  if (names.length === 0) return;
  throw new UsageError(
    `expected channels that work without AWS, such as smtp, slack or webhook, found sns: ${names.join(", ")}; SNS topics need a stack, see \`npx cdk deploy\``,
  );
}
