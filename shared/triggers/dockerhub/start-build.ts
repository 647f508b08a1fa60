// Starts an automated build on Docker Hub, by the current trigger URL or a legacy token.
import type { Image } from "../../core/image.ts";
import { triggerTimeoutMs } from "../../core/timing.ts";
import { isOnThisMachine, withOrigin } from "../../outgoing/origins.ts";
import {
  type Build,
  missingSecret,
  readAnswer,
  type TriggerContext,
  type TriggerKind,
  type TriggerOutcome,
} from "../trigger.ts";
import type { DockerhubSettings } from "./settings.ts";

export const dockerhub: TriggerKind<DockerhubSettings> = {
  start: startDockerhubBuild,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => [],
};

async function startDockerhubBuild(
  settings: DockerhubSettings,
  { image }: Build,
  context: TriggerContext,
): Promise<TriggerOutcome> {
  const secret = await context.readSecret(settings.secret);
  if (secret === null) return missingSecret(settings.secret);
  const address = triggerAddress(secret.trim(), image);
  const url = address === null ? null : withOrigin(address, context.origins);
  if (url === null) {
    return {
      kind: "rejected",
      reason: `expected a trigger URL of hub.docker.com or a legacy token in ${settings.secret}, found something else`,
    };
  }
  const answer = await context.send({
    method: "POST",
    url,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(requestBody(settings, image)),
    timeoutMs: triggerTimeoutMs,
  });
  if (answer.kind === "answered" && answer.status >= 300 && answer.status < 400) {
    return {
      kind: "rejected",
      reason: `Docker Hub answered ${answer.status}: the trigger is gone; make a new one there and put it into ${settings.secret}`,
    };
  }
  if (answer.kind === "answered" && answer.status < 300 && saysIgnored(answer.text)) {
    return {
      kind: "refused",
      reason: "Docker Hub ignored the request: a build is pending or was asked for too soon",
      retryAfterMs: null,
    };
  }
  return explain(readAnswer("Docker Hub", answer, context.clock), settings.secret);
}

function explain(outcome: TriggerOutcome, secret: string): TriggerOutcome {
  if (outcome.kind !== "rejected") return outcome;
  return {
    ...outcome,
    reason: `${outcome.reason} to the trigger in ${secret}`,
  };
}

/** "Ignored, build throttle" and "A build for tag latest is already pending. Ignoring request." come with a 200. */
function saysIgnored(text: string): boolean {
  return /\bignor(?:ed|ing)\b/i.test(text);
}

const triggerHosts = /^(?:hub|registry\.hub|cloud)\.docker\.com$/;

/** A whole trigger URL as it is; a legacy token as part of its repository's URL. */
function triggerAddress(secret: string, { repository }: Image): string | null {
  if (/^[\w-]{1,200}$/.test(secret)) {
    return `https://registry.hub.docker.com/u/${repository}/trigger/${secret}/`;
  }
  const url = URL.parse(secret);
  if (url === null) return null;
  const isHub = url.protocol === "https:" && triggerHosts.test(url.hostname);
  return isHub || isOnThisMachine(url) ? url.href : null;
}

function requestBody({ branch, tag, all }: DockerhubSettings, image: Image) {
  if (all === true) return { build: true };
  if (branch !== undefined) return { source_type: "Branch", source_name: branch };
  if (tag !== undefined) return { source_type: "Tag", source_name: tag };
  return { docker_tag: image.tag };
}
