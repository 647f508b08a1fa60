// Lists the origins that a configuration names, which are the ones that requests may go to. Lambda loads this file, too.
import { originsOfTriggers } from "../builders/builders.ts";
import { originsOfChannels } from "../channels/channels.ts";
import type { Config } from "../pipeline/pipeline.ts";
import { originsOfImages } from "../registries/origins-of-images.ts";

export function namedOrigins({ pipelines, channels }: Pick<Config, "pipelines" | "channels">): string[] {
  return [
    ...originsOfTriggers(pipelines),
    ...originsOfChannels(channels),
    ...originsOfImages(pipelines),
    ...issuersOf(pipelines),
  ];
}

function issuersOf(pipelines: Config["pipelines"]): string[] {
  const issuers = pipelines.flatMap(({ steps }) => steps.flatMap(({ identity }) => identity?.issuer ?? []));
  return [...new Set(issuers.map((issuer) => new URL(issuer).origin))];
}
