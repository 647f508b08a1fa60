// Refuses channels of kind smtp: the functions do not contain a mail client, which would slow down each cold start.
import { ConfigError } from "../shared/config/config-error.ts";
import type { Channel } from "../shared/pipeline/pipeline.ts";

export function refuseSmtp(channels: readonly Channel[]): void {
  const problems = channels
    .filter(({ to }) => to.kind === "smtp")
    .map(({ name }) => ({
      path: ["channels", name, "smtp"],
      message:
        "expected a channel that works on AWS, found smtp; for e-mail, use `sns: {}` and subscribe an address to the stack's topic (docs/deploy.md)",
    }));
  if (problems.length > 0) throw new ConfigError(problems);
}
