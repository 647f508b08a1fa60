// Lists the secrets that a configuration names, and what needs each of them. Lambda loads this file, so it must not import
// the grammar, which needs all of zod.
import { secretsOfTrigger } from "../builders/builders.ts";
import { secretsOfCommand } from "../builders/command/start.ts";
import { secretsOfChannel } from "../channels/channels.ts";
import { type Config, isBuilt } from "../pipeline/pipeline.ts";

export type ConfigWithSecrets = Pick<Config, "pipelines" | "channels" | "logins" | "webhookSecrets"> &
  Partial<Pick<Config, "builds">>;
export type NeededSecret = { secret: string; neededBy: string };

export function neededSecrets({
  pipelines,
  channels,
  logins,
  webhookSecrets,
  builds = null,
}: ConfigWithSecrets): NeededSecret[] {
  const ofSteps = pipelines.flatMap(({ name: pipeline, steps }) =>
    steps.filter(isBuilt).flatMap(({ name, trigger }) => {
      const neededBy = `step ${JSON.stringify(name)} of pipeline ${pipeline}`;
      return secretsOfTrigger(trigger).map((secret) => ({ secret, neededBy }));
    }),
  );
  const ofChannels = channels.flatMap((channel) =>
    secretsOfChannel(channel).map((secret) => ({ secret, neededBy: `channel ${channel.name}` })),
  );
  const ofLogins = logins.map(({ registry, secret }) => ({ secret, neededBy: `the login for ${registry}` }));
  const ofWebhooks = webhookSecrets.map(({ registry, secret }) => ({
    secret,
    neededBy: `webhooks of ${registry}`,
  }));
  const ofBuilds = (builds === null ? [] : secretsOfCommand(builds.command)).map((secret) => ({
    secret,
    neededBy: "builds",
  }));
  return [...ofSteps, ...ofChannels, ...ofLogins, ...ofWebhooks, ...ofBuilds];
}
