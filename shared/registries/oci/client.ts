// Requests manifests and blobs from any registry that follows the OCI distribution specification, with the login that it asks for.
import { dockerHub, splitRepository } from "../../image/image.ts";
import type { Answer } from "../../outgoing/send.ts";
import {
  type Access,
  type Answered,
  type Authorization,
  authorize,
  type NoAnswer,
  noAnswer,
  type RegistryPorts,
  registryTimeoutMs,
} from "./authorize.ts";
import { readBlobRedirect } from "./blob-host.ts";
import { type Challenge, readChallenge } from "./challenge.ts";
import { registryName } from "./registry-name.ts";
import { urlAtRegistry } from "./registry-origin.ts";

/** The answers 200, 201 and 404 are usable: the manifest is there, was put there, or is not there. */
export type ManifestAnswer = Answered | NoAnswer;

/** Requests a manifest by its tag or digest. */
export type RequestManifest = (
  method: "HEAD" | "GET",
  repository: string,
  reference: string,
) => Promise<ManifestAnswer>;

/** Requests a blob, such as an image's configuration, if need be from the storage that the registry redirects to. */
export type RequestBlob = (repository: string, digest: string) => Promise<ManifestAnswer>;

/** Points a tag to a manifest, whose blobs the repository has. */
export type PutManifest = (
  repository: string,
  tag: string,
  manifest: { type: string; text: string },
) => Promise<ManifestAnswer>;

export type RegistryClient = {
  requestManifest: RequestManifest;
  requestBlob: RequestBlob;
  putManifest: PutManifest;
};

type RegistryRequest = {
  method: "HEAD" | "GET" | "PUT";
  repository: string;
  resource: string;
  headers: Record<string, string>;
  body?: string;
};

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Docker Hub's is known in advance, which saves a request. */
const dockerHubChallenge: Challenge = {
  kind: "bearer",
  realm: new URL("https://auth.docker.io/token"),
  parameters: { service: "registry.docker.io" },
};

export function createRegistryClient(ports: RegistryPorts): RegistryClient {
  const known = new Map<string, Authorization>();

  const meet = async (challenge: Challenge, registry: string, path: string, access: Access) => {
    const authorization = await authorize(ports, challenge, registry, path, access);
    if (authorization.kind === "authorized") known.set(`${registry}/${path} ${access}`, authorization);
    return authorization;
  };

  const request = async ({ repository, resource, ...asked }: RegistryRequest): Promise<ManifestAnswer> => {
    const access = asked.method === "PUT" ? "pull,push" : "pull";
    const { host, path } = splitRepository(repository);
    const url = urlAtRegistry(host, `/v2/${path}/${resource}`, ports.origins);
    const send = (authorization: Authorization | null) =>
      ports.send({
        ...asked,
        url,
        headers: {
          ...asked.headers,
          ...(authorization === null ? {} : { authorization: authorization.header }),
        },
        timeoutMs: registryTimeoutMs,
      });
    const usable = async (given: Answer): Promise<ManifestAnswer> => {
      const isBlob = resource.startsWith("blobs/");
      const answer = isBlob ? await follow(ports, given, host, url) : given;
      if (isBlob && isRedirect(answer)) {
        // To a storage that is not known: asking again would not help.
        const reason = `${registryName(host)} answered ${answer.status}`;
        return { kind: "unreadable", reason, status: answer.status };
      }
      return answer.kind === "answered" && [200, 201, 404].includes(answer.status)
        ? answer
        : noAnswer(registryName(host), answer, ports.clock());
    };

    const kept = known.get(`${host}/${path} ${access}`) ?? null;
    let authorization = kept !== null && kept.untilMs > ports.clock() ? kept : null;
    if (authorization === null && host === dockerHub) {
      const first = await meet(dockerHubChallenge, host, path, access);
      if (first.kind !== "authorized") return first;
      authorization = first;
    }
    const answer = await send(authorization);
    const challenge =
      answer.kind === "answered" && answer.status === 401
        ? readChallenge(answer.header("www-authenticate"))
        : null;
    if (challenge === null) return usable(answer);
    const next = await meet(challenge, host, path, access);
    return next.kind === "authorized" ? usable(await send(next)) : next;
  };

  return {
    requestManifest: (method, repository, reference) =>
      request({
        method,
        repository,
        resource: `manifests/${escapeReference(reference)}`,
        headers: { accept: manifestTypes.join(", ") },
      }),
    requestBlob: (repository, digest) =>
      request({ method: "GET", repository, resource: `blobs/${digest}`, headers: { accept: "*/*" } }),
    putManifest: (repository, tag, { type, text }) =>
      request({
        method: "PUT",
        repository,
        resource: `manifests/${escapeReference(tag)}`,
        headers: { "content-type": type },
        body: text,
      }),
  };
}

const redirects = [301, 302, 303, 307, 308];

function isRedirect(answer: Answer): answer is Answered {
  return answer.kind === "answered" && redirects.includes(answer.status);
}

/** The storage gets no login: the address that the registry names is enough. */
async function follow(
  { send }: RegistryPorts,
  answer: Answer,
  registry: string,
  asked: string,
): Promise<Answer> {
  if (!isRedirect(answer)) return answer;
  const url = readBlobRedirect(answer.header("location"), registry, new URL(asked));
  if (url === null) return answer;
  return send({ method: "GET", url: url.href, headers: { accept: "*/*" }, timeoutMs: registryTimeoutMs });
}

function escapeReference(reference: string): string {
  return encodeURIComponent(reference).replace("%3A", ":");
}
