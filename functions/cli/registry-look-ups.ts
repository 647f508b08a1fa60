// Look-ups at the real registries of a configuration's images, and at no other host.
import { createCallAwsIfAble } from "../../shared/aws/call-aws.ts";
import type { Environment } from "../../shared/environment.ts";
import type { ReadSecret } from "../../shared/kinds/read-secret.ts";
import { allowHosts, realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { createLogInToEcr } from "../../shared/registries/ecr/log-in.ts";
import { createLookUps } from "../../shared/registries/look-up.ts";
import { originsOfImages } from "../../shared/registries/origins-of-images.ts";
import { createReadLogin, type RegistryLogin } from "../../shared/registries/read-login.ts";

export function createRegistryLookUps(
  pipelines: Parameters<typeof originsOfImages>[0],
  logins: readonly RegistryLogin[],
  readSecret: ReadSecret,
  env: Environment,
) {
  const callAws = createCallAwsIfAble(env);
  return createLookUps({
    send: createSend(allowHosts(realOrigins, originsOfImages(pipelines))),
    origins: realOrigins,
    clock: Date.now,
    readLogin: createReadLogin(
      logins,
      readSecret,
      callAws === null ? null : createLogInToEcr(callAws, Date.now),
    ),
  });
}
