// Checks for `tagrelay doctor`: whether each registry other than Docker Hub can be read with its login.
import type { Environment } from "../../shared/environment.ts";
import { imageName, splitRepository } from "../../shared/image/image.ts";
import type { ReadSecret } from "../../shared/kinds/read-secret.ts";
import { type Config, imageSteps } from "../../shared/pipeline/pipeline.ts";
import { registriesOf } from "../../shared/registries/origins-of-images.ts";
import { type Finding, notOk, ok } from "./finding.ts";
import { createRegistryLookUps } from "./registry-look-ups.ts";

/** Looks up one image at each registry. */
export async function checkRegistries(
  { pipelines, logins }: Config,
  readSecret: ReadSecret,
  env: Environment,
): Promise<Finding[]> {
  const images = pipelines.flatMap(imageSteps).map(({ image }) => image);
  const { lookUpTag } = createRegistryLookUps(pipelines, logins, readSecret, env);
  const findings = registriesOf(pipelines).map(async (registry): Promise<Finding[]> => {
    const image = images.find(({ repository }) => splitRepository(repository).host === registry);
    // It only has upstreams, which the log tells about.
    if (image === undefined) return [];
    const answer = await lookUpTag(image);
    if (!("reason" in answer)) return [ok(`the registry ${registry} can be read`)];
    const advice =
      answer.kind === "unreadable" ? `; check registries.${registry}.login in the configuration` : "";
    return [notOk(`${imageName(image)} could not be looked up: ${answer.reason}${advice}`)];
  });
  return (await Promise.all(findings)).flat();
}
