// A registry with many small images and the limits that public registries have: so many pulls in a window, counted as Docker Hub
// counts them (a GET of a manifest is a pull, a HEAD is not), and so many requests in a second.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Image } from "../../shared/image/image.ts";
import { serve } from "./serve.ts";

export type Limits = {
  pulls: { atMost: number; windowMs: number } | null;
  requestsPerSecond: number | null;
};

export type LimitedRegistry = {
  host: string;
  image: (name: string) => Image;
  /** Pushes an image that consists of these layers. Returns its digest. */
  push: (name: string, layers: readonly string[]) => string;
  counts: Counts;
  close: () => Promise<void>;
};

export type Counts = { HEAD: number; manifests: number; blobs: number; refused: number };

export const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

const type = "application/vnd.oci.image";

export async function startLimitedRegistry(limits: Limits, clock: () => number): Promise<LimitedRegistry> {
  const contents = new Map<string, string>();
  const tags = new Map<string, string>();
  const counts: Counts = { HEAD: 0, manifests: 0, blobs: 0, refused: 0 };
  const requests = createWindow(limits.requestsPerSecond, 1_000, clock);
  const pulls = createWindow(limits.pulls?.atMost ?? null, limits.pulls?.windowMs ?? 0, clock);

  const answer = ({ method, url = "" }: IncomingMessage, response: ServerResponse): void => {
    const [, name = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
    const isPull = kind === "manifests" && method === "GET";
    const waitMs = requests.take() ?? (isPull ? pulls.take() : null);
    if (waitMs !== null) {
      counts.refused += 1;
      response.writeHead(429, { "retry-after": String(Math.ceil(waitMs / 1_000)) }).end();
      return;
    }
    counts[method === "HEAD" ? "HEAD" : kind === "manifests" ? "manifests" : "blobs"] += 1;
    const digest = tags.get(`${name}:${reference}`) ?? decodeURIComponent(reference);
    const content = contents.get(digest);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const headers = { "content-type": `${type}.manifest.v1+json`, "docker-content-digest": digest };
    response.writeHead(200, headers).end(method === "HEAD" ? undefined : content);
  };

  const { origin, close } = await serve(createServer(answer));
  const host = new URL(origin).host;
  const add = (content: string): string => {
    contents.set(digestOf(content), content);
    return digestOf(content);
  };
  return {
    host,
    counts,
    close,
    image: (name) => ({ repository: `${host}/acme/${name}`, tag: "latest" }),
    push: (name, layers) => {
      const rootfs = { type: "layers", diff_ids: layers.map((layer) => digestOf(`raw ${layer}`)) };
      const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs });
      const manifest = {
        schemaVersion: 2,
        mediaType: `${type}.manifest.v1+json`,
        config: { mediaType: `${type}.config.v1+json`, digest: add(config), size: config.length },
        layers: layers.map((layer) => ({
          mediaType: `${type}.layer.v1.tar`,
          digest: digestOf(layer),
          size: layer.length,
        })),
      };
      const digest = add(JSON.stringify(manifest));
      tags.set(`acme/${name}:latest`, digest);
      return digest;
    },
  };
}

/** `take` returns null, or how long to wait if the window is full. */
function createWindow(atMost: number | null, windowMs: number, clock: () => number) {
  let since = clock();
  let taken = 0;
  return {
    take: (): number | null => {
      if (atMost === null) return null;
      if (clock() - since >= windowMs) {
        since = clock();
        taken = 0;
      }
      taken += 1;
      return taken <= atMost ? null : since + windowMs - clock();
    },
  };
}
