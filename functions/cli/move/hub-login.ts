// The login at Docker Hub, which is never stored or shown, and the requests that it is for.
import { readEnvironment } from "../../../shared/environment.ts";
import { dockerHub } from "../../../shared/image/image.ts";
import { allowHosts, type Origins, realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../shared/registries/look-up.ts";
import { originsOfImages } from "../../../shared/registries/origins-of-images.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import type { ImportedPipeline } from "../import/imported.ts";
import type { Io } from "../io.ts";
import { promptHidden } from "../prompt-hidden.ts";
import type { HubLogin } from "./fetch-settings.ts";

/** From the environment or `.env`; asked for in a terminal if it is required. Null without one. */
export async function readHubLogin(io: Io, isRequired: boolean): Promise<HubLogin | null> {
  const { DOCKERHUB_USERNAME: username, DOCKERHUB_TOKEN: token } = readEnvironment(
    io.resolvePath(".env"),
    io.env,
  );
  if (username && token) return { username, token };
  if (!isRequired) return null;
  if (io.stdin.isTTY !== true) {
    throw new CliError(
      exitCodes.usageError,
      "expected DOCKERHUB_USERNAME and DOCKERHUB_TOKEN in the environment or in .env for --account, found none",
    );
  }
  return {
    username: username ?? (await promptHidden(io, "user name at Docker Hub")).trim(),
    token: token ?? (await promptHidden(io, "password or access token")).trim(),
  };
}

type Urls = { hubUrl?: string | undefined; registryUrl?: string | undefined };

/** Requests go to Docker Hub, to the registries of the images, and to no other host. */
export function createPorts(urls: Urls, login: HubLogin | null, pipelines: readonly ImportedPipeline[]) {
  const origins: Origins = {
    ...realOrigins,
    hub: readUrl("--hub-url", urls.hubUrl),
    registry: readUrl("--registry-url", urls.registryUrl),
  };
  const named = pipelines.map(({ steps }) => ({
    steps: steps.map(({ image, upstreams, base }) => ({
      image: { repository: image.slice(0, image.lastIndexOf(":")) },
      upstreams: [...upstreams, ...(typeof base === "string" ? [base] : [])],
    })),
  }));
  const send = createSend(allowHosts(origins, originsOfImages(named)));
  const password = login === null ? null : { username: login.username, password: login.token };
  const readLogin = async (registry: string) => (registry === dockerHub ? password : null);
  const { readContent } = createLookUps({ send, origins, clock: Date.now, readLogin });
  return { send, origins, readContent };
}

function readUrl(flag: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new CliError(
    exitCodes.usageError,
    `expected ${flag} to be a URL such as http://127.0.0.1:9000, found ${JSON.stringify(text)}`,
  );
}
