// Starts an automated build on Docker Hub, by its trigger URL or a legacy token.
import type { Image } from "../../image/image.ts";
import {
  type BuilderContext,
  type BuilderKind,
  type BuildRequest,
  type Simulation,
  type TriggerOutcome,
  triggerTimeoutMs,
} from "../../kinds/builder.ts";
import { isOnThisMachine, replaceKnownHost } from "../../outgoing/origins.ts";
import { fillIn, valuesOf } from "../placeholders.ts";
import { missingSecret, readAnswer } from "../read-answer.ts";
import type { DockerhubSettings } from "./settings.ts";

export const dockerhub: BuilderKind<DockerhubSettings> = {
  start: startDockerhubBuild,
  secretsOf: ({ secret }) => [secret],
  originsOf: () => [],
  projectOf: () => null,
  identityOf: () => null,
  simulate: (settings, build, secret) =>
    build.image === null ? null : simulateDockerHub(settings, build, build.image, secret),
  endedBy: "push",
  localLimitOf: () => null,
};

function simulateDockerHub(
  settings: DockerhubSettings,
  build: BuildRequest,
  image: Image,
  secret: string,
): Simulation {
  return {
    request: {
      method: "POST",
      path: new URL(legacyUrl(image, secret)).pathname,
      body: JSON.stringify(requestBody(settings, build, image)),
    },
    status: 200,
    text: "OK",
    textWhilePending: `A build for tag ${image.tag} is already pending. Ignoring request.`,
  };
}

async function startDockerhubBuild(
  settings: DockerhubSettings,
  build: BuildRequest,
  context: BuilderContext,
): Promise<TriggerOutcome> {
  const { image } = build;
  if (image === null) return { kind: "rejected", reason: "Docker Hub builds images only" };
  const secret = await context.readSecret(settings.secret);
  if (secret === null) return missingSecret(settings.secret);
  const address = triggerUrl(secret.trim(), image);
  if (address === null) {
    return {
      kind: "rejected",
      reason: `expected a trigger URL of hub.docker.com or a legacy token in ${settings.secret}, found something else`,
    };
  }
  const answer = await context.send({
    method: "POST",
    url: replaceKnownHost(address, context.origins),
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(requestBody(settings, build, image)),
    timeoutMs: triggerTimeoutMs,
  });
  if (answer.kind === "answered" && answer.status >= 300 && answer.status < 400) {
    return {
      kind: "rejected",
      reason: `Docker Hub answered ${answer.status}: the trigger no longer exists; create a new one on Docker Hub and put it into ${settings.secret}`,
    };
  }
  if (answer.kind === "answered" && answer.status < 300 && isIgnored(answer.text)) {
    return {
      kind: "refused",
      reason:
        "Docker Hub ignored the request: a build is already pending, or the last request was too recent",
      retryAfterMs: null,
    };
  }
  return nameSecret(readAnswer("Docker Hub", answer, context.clock), settings.secret);
}

function nameSecret(outcome: TriggerOutcome, secret: string): TriggerOutcome {
  if (outcome.kind !== "rejected") return outcome;
  return { ...outcome, reason: `${outcome.reason} to the trigger in ${secret}` };
}

/** Docker Hub answers 200 with "Ignored, build throttle" or "A build for tag … is already pending. Ignoring request." */
function isIgnored(text: string): boolean {
  return /\bignor(?:ed|ing)\b/i.test(text);
}

const triggerHosts = /^(?:hub|registry\.hub|cloud)\.docker\.com$/;

/** The secret is a trigger URL, or a legacy token: a part of the URL of its repository. */
function triggerUrl(secret: string, image: Image): URL | null {
  if (/^[\w-]{1,200}$/.test(secret)) return new URL(legacyUrl(image, secret));
  const url = URL.parse(secret);
  if (url === null) return null;
  const isHub = url.protocol === "https:" && triggerHosts.test(url.hostname);
  return isHub || isOnThisMachine(url) ? url : null;
}

function legacyUrl({ repository }: Image, token: string): string {
  return `https://registry.hub.docker.com/u/${repository}/trigger/${token}/`;
}

function requestBody({ branch, tag, all }: DockerhubSettings, build: BuildRequest, image: Image) {
  if (all === true) return { build: true };
  const values = valuesOf(build);
  if (branch !== undefined) return { source_type: "Branch", source_name: fillIn(branch, values) };
  if (tag !== undefined) return { source_type: "Tag", source_name: fillIn(tag, values) };
  return { docker_tag: image.tag };
}
