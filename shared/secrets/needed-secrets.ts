// The secrets that a configuration names, and who needs each of them.
import type { Config } from "../core/pipeline.ts";
import { secretsOfChannel } from "../notify/create-channels.ts";
import { secretsOf } from "../triggers/start-build.ts";

export type Needing = Pick<Config, "pipelines" | "channels">;
export type NeededSecret = { secret: string; who: string };

export function neededSecrets({ pipelines, channels }: Needing): NeededSecret[] {
  const ofSteps = pipelines.flatMap(({ name, steps }) =>
    steps.flatMap(({ trigger, name: step }) =>
      secretsOf(trigger).map((secret) => ({
        secret,
        who: `step ${JSON.stringify(step)} of pipeline ${name}`,
      })),
    ),
  );
  const ofChannels = channels.flatMap((channel) =>
    secretsOfChannel(channel).map((secret) => ({ secret, who: `channel ${channel.name}` })),
  );
  return [...ofSteps, ...ofChannels];
}
