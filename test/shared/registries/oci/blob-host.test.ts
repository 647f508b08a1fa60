// Blobs from the storages that registries redirect to, on real HTTP servers.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allowHosts, realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { readBlobRedirect, storageOriginsOf } from "../../../../shared/registries/oci/blob-host.ts";
import { createRegistryClient } from "../../../../shared/registries/oci/client.ts";
import { originsOfImages } from "../../../../shared/registries/origins-of-images.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { digestOf } from "../../../stand-ins/registry.ts";

let registry: AnyServer;
let storage: AnyServer;
beforeEach(async () => {
  [registry, storage] = await Promise.all([startAnyServer(), startAnyServer()]);
});
afterEach(() => Promise.all([registry.close(), storage.close()]));

const digest = digestOf("a");

async function requestBlob(location: string) {
  registry.answer = (response) => {
    const { authorization } = registry.asked.at(-1)?.headers ?? {};
    if (authorization === undefined) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
    }
    response.writeHead(307, { location }).end();
  };
  storage.answer = answering(200, "the blob");
  const client = createRegistryClient({
    send: createSend(allowHosts(realOrigins)),
    origins: realOrigins,
    clock: Date.now,
    readLogin: async () => ({ username: "acme", password: "s3cret" }),
  });
  return client.requestBlob(`${new URL(registry.origin).host}/acme/api`, digest);
}

test("a blob is fetched from the storage that its registry redirects to, without the login", async () => {
  expect(await requestBlob(`${storage.origin}/blobs/7?signature=x`)).toMatchObject({
    status: 200,
    text: "the blob",
  });
  expect(storage.asked).toMatchObject([{ method: "GET", path: "/blobs/7?signature=x" }]);
  expect(storage.asked[0]?.headers.authorization).toBeUndefined();
});

test("another address is not asked, now or later", async () => {
  expect(await requestBlob("https://example.org/blobs/7")).toMatchObject({
    kind: "unreadable",
    reason: expect.stringContaining("answered 307"),
  });
  expect(storage.asked).toEqual([]);
});

describe("a redirect", () => {
  const redirect = (registryName: string, location: string | null) =>
    readBlobRedirect(location, registryName, new URL(`https://${registryName}/v2/x/blobs/y`))?.href ?? null;

  test.each([
    ["docker.io", "https://production.cloudfront.docker.com/registry-v2/x?y"],
    ["docker.io", "https://docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com/x"],
    ["ghcr.io", "https://pkg-containers.githubusercontent.com/ghcr1/blobs/x"],
    ["quay.io", "https://cdn03.quay.io/x"],
    ["acme.azurecr.io", "https://weumanaged1.blob.core.windows.net/x"],
    ["111122223333.dkr.ecr.eu-west-1.amazonaws.com", "https://bucket.s3.eu-west-1.amazonaws.com/x"],
    ["europe-docker.pkg.dev", "https://storage.googleapis.com/x"],
    ["registry.gitlab.com", "https://cdn.registry.gitlab-static.net/x"],
    ["registry.example.org", "https://registry.example.org/storage/x"],
  ])("of %s to %s is followed", (name, location) => {
    expect(redirect(name, location)).toBe(location);
  });

  test.each([
    ["registry.example.org", "https://storage.example.org/x"],
    ["registry.example.org", "http://127.0.0.1/x"],
    ["registry.example.org", "http://169.254.169.254/latest/meta-data"],
    ["ghcr.io", "http://pkg-containers.githubusercontent.com/x"],
    ["ghcr.io", "https://pkg-containers.githubusercontent.com.example.org/x"],
    ["ghcr.io", "https://user:password@pkg-containers.githubusercontent.com/x"],
    ["evilquay.io", "https://cdn01.quay.io/x"],
    ["quay.io", "https://[::1"],
    ["quay.io", null],
  ])("of %s to %s is not", (name, location) => {
    expect(redirect(name, location)).toBeNull();
  });
});

test("requests may go to the storages of the registries that the configuration names, and to no others", () => {
  const origins = originsOfImages([
    { steps: [{ image: { repository: "ghcr.io/acme/api" }, upstreams: ["library/debian:12"] }] },
  ]);
  expect(origins).toEqual([
    "https://ghcr.io",
    "https://ghcr.io",
    ...storageOriginsOf("ghcr.io"),
    ...storageOriginsOf("docker.io"),
  ]);
});
