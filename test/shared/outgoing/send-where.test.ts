import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allowHosts, type Origins, realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend, type Send } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";

const path = "/trigger/0123-secret/";
const unsent = { kind: "unsent", reason: "the configuration does not name its host" };
const post = (send: Send, url: string) => send({ method: "POST", url, body: "{}", timeoutMs: 2_000 });

// Only counts the sockets that are opened to it.
let opened = 0;
const listener = createServer((socket) => {
  opened += 1;
  socket.destroy();
});
let port = 0;
let server: AnyServer;

beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, "::", resolve));
  const address = listener.address();
  if (typeof address === "object" && address !== null) port = address.port;
  server = await startAnyServer();
});
beforeEach(() => {
  opened = 0;
  server.asked.length = 0;
  server.answer = answering(202);
});
afterAll(async () => {
  await new Promise((resolve) => listener.close(resolve));
  await server.close();
});

describe("no socket is opened to a host that the configuration does not name:", () => {
  // Each of these reaches this machine, so a socket would be counted.
  test.each([
    "http://0.0.0.0:PORT",
    "http://[::ffff:127.0.0.1]:PORT",
    "http://[::]:PORT",
    "https://127.0.0.1:PORT",
    "https://localhost:PORT",
    "http://hub.docker.com@0.0.0.0:PORT",
    "http://127.0.0.1@0.0.0.0:PORT",
    "http://0:PORT",
    "http://localhost.:PORT",
  ])("%s", async (origin) => {
    expect(await post(createSend(), `${origin.replace("PORT", String(port))}${path}`)).toEqual(unsent);
    expect(opened).toBe(0);
  });

  test.each([
    "https://example.org",
    "http://hub.docker.com",
    "https://hub.docker.com:8443",
    "https://hub.docker.com.",
    "https://hub.docker.com.example.org",
    "https://my-hub.docker.com",
    "http://169.254.169.254",
    "http://169.254.170.2",
    "http://127.0.0.1.example.org",
    "file://",
    "data:",
  ])("%s", async (origin) => {
    expect(await post(createSend(), `${origin}${path}`)).toEqual(unsent);
  });

  test("the real one, if a stand-in replaces it", async () => {
    const send = createSend(
      allowHosts({ ...realOrigins, hub: server.origin, registry: server.origin, github: server.origin }),
    );
    for (const host of ["hub.docker.com", "registry.hub.docker.com", "cloud.docker.com"]) {
      expect(await post(send, `https://${host}${path}`)).toEqual(unsent);
    }
    for (const host of ["registry-1.docker.io", "auth.docker.io", "api.github.com"]) {
      expect(await post(send, `https://${host}${path}`)).toEqual(unsent);
    }
  });

  test("any other, if the caller allows only one", async () => {
    const send = createSend(({ origin }) => origin === server.origin);
    expect(await post(send, `${server.origin}${path}`)).toMatchObject({ status: 202 });
    expect(await post(send, `http://127.0.0.1:${port}${path}`)).toEqual(unsent);
    expect(opened).toBe(0);
  });
});

describe("a request may go", () => {
  const mayConnect = (address: string, origins: Origins = realOrigins) =>
    allowHosts(origins)(new URL(address));

  test.each([
    "https://hub.docker.com",
    "https://registry.hub.docker.com",
    "https://cloud.docker.com",
    "https://registry-1.docker.io",
    "https://auth.docker.io",
    "https://api.github.com",
    "https://HUB.docker.com:443",
    "http://127.0.0.1:9",
    "http://127.9.8.7",
    "http://localhost:9",
    "http://[::1]:9",
  ])("to %s", (origin) => {
    expect(mayConnect(`${origin}${path}`)).toBe(true);
  });

  test("to an origin that replaces a builder's, with its scheme and port", () => {
    const origins = { ...realOrigins, hub: "https://hub.example:3/ignored" };
    expect(mayConnect(`https://hub.example:3${path}`, origins)).toBe(true);
    expect(mayConnect(`http://hub.example:3${path}`, origins)).toBe(false);
    expect(mayConnect(`https://hub.example${path}`, origins)).toBe(false);
    expect(mayConnect(`https://api.github.com${path}`, origins)).toBe(true);
  });
});

test("a request may go to the origins that triggers name, with their scheme and port, unless a stand-in replaces them", () => {
  const named = ["https://ci.example.org:8443", "https://gitlab.com"];
  const mayConnect = allowHosts(realOrigins, named);
  expect(mayConnect(new URL(`https://ci.example.org:8443${path}`))).toBe(true);
  expect(mayConnect(new URL(`https://gitlab.com${path}`))).toBe(true);
  expect(mayConnect(new URL(`https://ci.example.org${path}`))).toBe(false);
  expect(mayConnect(new URL(`http://ci.example.org:8443${path}`))).toBe(false);
  const atStandIn = allowHosts({ ...realOrigins, others: "https://stand-in.example" }, named);
  expect(atStandIn(new URL(`https://stand-in.example${path}`))).toBe(true);
  expect(atStandIn(new URL(`https://gitlab.com${path}`))).toBe(false);
});

test("no redirect is followed, neither to an allowed host nor to another", async () => {
  for (const location of [
    `http://127.0.0.1:${port}/`,
    `http://0.0.0.0:${port}/`,
    "https://hub.docker.com/",
  ]) {
    for (const status of [301, 302, 303, 307, 308]) {
      server.answer = answering(status, "", { location });
      expect(await post(createSend(), `${server.origin}${path}`)).toMatchObject({ kind: "answered", status });
    }
  }
  expect(opened).toBe(0);
});
