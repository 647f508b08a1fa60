// A registry with images, on a real HTTP server.
import { type AnyServer, startAnyServer } from "./any-server.ts";
import { createImages, digestOfText, type Images } from "./images.ts";

export type ImageRegistry = AnyServer & { images: Images; host: string; paths: () => string[] };

export async function startImageRegistry(): Promise<ImageRegistry> {
  const server = await startAnyServer();
  const images = createImages();
  server.answer = (response) => {
    const { path = "", method = "", body = "" } = server.asked.at(-1) ?? {};
    const [, repository = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (method === "PUT") {
      const digest = digestOfText(body);
      if (images.manifest(repository, digest) === null) return void response.writeHead(400).end();
      images.tag(`${repository}:${reference}`, digest);
      return void response.writeHead(201, { "docker-content-digest": digest }).end();
    }
    const document = kind === "blobs" ? images.blob(reference) : images.manifest(repository, reference);
    if (document === null) return void response.writeHead(404).end();
    response.writeHead(200, { "docker-content-digest": document.digest, "content-type": document.type });
    response.end(method === "HEAD" ? "" : document.text);
  };
  const { host } = new URL(server.origin);
  const paths = () => server.asked.map(({ method, path }) => `${method} ${path}`);
  return Object.assign(server, { images, host, paths });
}
