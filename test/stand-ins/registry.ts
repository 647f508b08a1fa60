// A stand-in for Docker Hub's registry and its token service, with the digests that a test sets.
import { type AnyServer, type Asked, startAnyServer } from "./any-server.ts";

export type Registry = AnyServer & {
  /** By the full name of the image, such as `library/debian:bookworm`. */
  digests: Map<string, string>;
};

export const digestOf = (character: string) => `sha256:${character.repeat(64)}`;

export async function startRegistry(): Promise<Registry> {
  const server = await startAnyServer();
  const digests = new Map<string, string>();
  server.answer = (response) => {
    const asked: Asked | undefined = server.asked.at(-1);
    const [path = ""] = asked?.path.split("?") ?? [];
    if (path === "/token") return void response.end('{"token":"anonymous","expires_in":300}');
    const [, repository = "", tag = ""] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path) ?? [];
    const digest = digests.get(`${repository}:${tag}`);
    if (digest === undefined) return void response.writeHead(404).end();
    // HEAD has the headers of GET.
    response.writeHead(200, { "docker-content-digest": digest, "content-length": "200000" }).end();
  };
  return Object.assign(server, { digests });
}
