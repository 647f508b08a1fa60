import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { secretsOfTrigger } from "../../../../shared/builders/builders.ts";
import type { DockerhubSettings } from "../../../../shared/builders/dockerhub/settings.ts";
import { dockerhub } from "../../../../shared/builders/dockerhub/start.ts";
import type { TriggerOutcome } from "../../../../shared/kinds/builder.ts";
import { realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import {
  type AnyServer,
  answering,
  cutting,
  startAnyServer,
  staying,
} from "../../../stand-ins/any-server.ts";
import { withShortTimeout } from "../../../stand-ins/short-timeout.ts";

const now = Date.UTC(2026, 10, 20, 3);
const path = "/api/build/v1/source/s0urce-1111/trigger/tr1gger-2222/call/";
const token = "t0ken-3333";
const outcomes: TriggerOutcome[] = [];

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.answer = answering(202, "{}");
  server.asked.length = 0;
});
afterAll(() => server.close());

const send = createSend();

async function start(
  settings: Partial<DockerhubSettings> = {},
  secret: string | null = `https://hub.docker.com${path}`,
  hub = server.origin,
): Promise<TriggerOutcome> {
  const build = {
    image: { repository: "acme/chain", tag: "step-1" },
    ...{
      pipeline: "p",
      step: "s",
      runId: "p.run-1",
      attempt: 1,
      timeoutMs: 60_000,
      bases: [],
      tags: [],
      parameters: {},
    },
  };
  const outcome = await dockerhub.start({ secret: "CHAIN_TRIGGER", ...settings }, build, {
    send: withShortTimeout(send),
    origins: { ...realOrigins, hub },
    readSecret: async (name) => (name === "CHAIN_TRIGGER" ? secret : "https://hub.docker.com/another/"),
    commands: null,
    clock: () => now,
  });
  outcomes.push(outcome);
  return outcome;
}
const refused = (reason: string, retryAfterMs: number | null = null) => ({
  kind: "refused",
  reason,
  retryAfterMs,
});
const rejected = (reason: string) => ({ kind: "rejected", reason });

describe("a request to Docker Hub", () => {
  test.each([
    [`https://hub.docker.com${path}`, path],
    [`https://registry.hub.docker.com/u/acme/other/trigger/${token}/`, `/u/acme/other/trigger/${token}/`],
    [token, `/u/acme/chain/trigger/${token}/`],
    [`\t${token}\r\n`, `/u/acme/chain/trigger/${token}/`],
  ])("by %j is one POST with the required headers and no others", async (secret, expectedPath) => {
    expect(await start({}, secret)).toEqual({ kind: "accepted", build: null });
    expect(server.asked).toHaveLength(1);
    const [{ headers = {}, ...request } = {}] = server.asked;
    expect(request).toEqual({ method: "POST", path: expectedPath, body: '{"docker_tag":"step-1"}' });
    const { host, connection, ...others } = headers;
    expect(host).toBe(new URL(server.origin).host);
    expect(connection).toBe("keep-alive");
    expect(others).toEqual({
      accept: "application/json",
      "content-type": "application/json",
      "content-length": "23",
    });
  });

  test.each([
    [{}, '{"docker_tag":"step-1"}'],
    [{ branch: "feature/a" }, '{"source_type":"Branch","source_name":"feature/a"}'],
    [{ tag: 'v"1' }, '{"source_type":"Tag","source_name":"v\\"1"}'],
    [{ all: true as const }, '{"build":true}'],
  ])("with the settings %j has the right body", async (settings, body) => {
    await start(settings);
    await start(settings, token);
    expect(server.asked.map((asked) => asked.body)).toEqual([body, body]);
  });
});

describe("an answer of Docker Hub", () => {
  const ignored = refused(
    "Docker Hub ignored the request: a build is already pending, or the last request was too recent",
  );
  test.each([
    [200, "OK", {}, { kind: "accepted", build: null }],
    [200, "", {}, { kind: "accepted", build: null }],
    [200, "x".repeat(100_000), {}, { kind: "accepted", build: null }],
    [202, '{"state":"Success"}', {}, { kind: "accepted", build: null }],
    [202, "Ignored, build throttle", {}, ignored],
    [200, '"IGNORED, build throttle"\n', {}, ignored],
    [408, "", {}, refused("Docker Hub answered 408")],
    [425, "", {}, refused("Docker Hub answered 425")],
    [429, "", {}, refused("Docker Hub answered 429")],
    [429, "Ignored, build throttle", { "retry-after": "9" }, refused("Docker Hub answered 429", 9_000)],
    [
      429,
      "",
      { "retry-after": "Fri, 20 Nov 2026 03:02:00 GMT" },
      refused("Docker Hub answered 429", 120_000),
    ],
    [429, "", { "retry-after": "retry 5" }, refused("Docker Hub answered 429")],
    [500, "", {}, refused("Docker Hub answered 500")],
    [502, "<html>", {}, refused("Docker Hub answered 502")],
    [503, "", { "retry-after": "2" }, refused("Docker Hub answered 503", 2_000)],
    [504, "", {}, refused("Docker Hub answered 504")],
    [400, "", {}, rejected("Docker Hub answered 400 to the trigger in CHAIN_TRIGGER")],
    [401, "", {}, rejected("Docker Hub answered 401 to the trigger in CHAIN_TRIGGER")],
    [403, "", {}, rejected("Docker Hub answered 403 to the trigger in CHAIN_TRIGGER")],
    [404, token, {}, rejected("Docker Hub answered 404 to the trigger in CHAIN_TRIGGER")],
    [
      404,
      "",
      { "retry-after": "retry 5" },
      rejected("Docker Hub answered 404 to the trigger in CHAIN_TRIGGER"),
    ],
    [410, "Ignored", {}, rejected("Docker Hub answered 410 to the trigger in CHAIN_TRIGGER")],
  ])("of %i with %.30j and %j has its outcome after one request", async (status, body, headers, outcome) => {
    server.answer = answering(status, body, headers);
    expect(await start()).toEqual(outcome);
    expect(server.asked).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])(
    "of %i is rejected in spite of its Retry-After, and not followed",
    async (status) => {
      const elsewhere = await startAnyServer();
      server.answer = answering(status, "", { location: `${elsewhere.origin}${path}`, "retry-after": "1" });
      expect(await start()).toEqual(
        rejected(
          `Docker Hub answered ${status}: the trigger no longer exists; create a new one on Docker Hub and put it into CHAIN_TRIGGER`,
        ),
      );
      expect([server.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
      await elsewhere.close();
    },
  );

  test("that does not come in time leaves it unknown whether a build was started", async () => {
    server.answer = staying;
    expect(await start()).toEqual({ kind: "unknown", reason: "Docker Hub: no answer in time" });
    await sleep(50);
    expect(server.asked).toHaveLength(1);
  });

  test("that is cut off leaves it unknown whether a build was started", async () => {
    server.answer = cutting;
    expect(await start()).toEqual({
      kind: "unknown",
      reason: expect.stringMatching(/^Docker Hub: the connection broke \(\w+\)$/),
    });
    expect(server.asked).toHaveLength(1);
  });

  test("whose body is cut off still counts by its status", async () => {
    server.answer = (response) => {
      response.writeHead(202, { "content-length": "100" }).write("Ign");
      setTimeout(() => response.socket?.destroy(), 20);
    };
    expect(await start()).toEqual({ kind: "accepted", build: null });
  });

  test("cannot come from a closed port, so nothing was started", async () => {
    const closed = await startAnyServer();
    await closed.close();
    expect(await start({}, undefined, closed.origin)).toEqual(
      refused("could not reach Docker Hub: the connection was refused"),
    );
    expect(await start({}, token, closed.origin)).toMatchObject({ kind: "refused" });
  });
});

describe("a secret", () => {
  test("is named if it is missing, and nothing is sent", async () => {
    expect(await start({}, null)).toEqual(rejected("the secret CHAIN_TRIGGER is missing"));
    expect(server.asked).toEqual([]);
  });

  test("is the only one that a trigger needs", () => {
    expect(secretsOfTrigger({ kind: "dockerhub", secret: "CHAIN_TRIGGER" })).toEqual(["CHAIN_TRIGGER"]);
  });

  test("that is a URL on this machine is used as it is, not at the stand-in for Docker Hub", async () => {
    const local = await startAnyServer();
    for (const origin of [local.origin, local.origin.replace("127.0.0.1", "localhost")]) {
      expect(await start({}, `${origin}${path}?a=b`)).toEqual({ kind: "accepted", build: null });
    }
    expect(local.asked.map((asked) => asked.path)).toEqual([`${path}?a=b`, `${path}?a=b`]);
    expect(server.asked).toEqual([]);
    await local.close();
  });

  test.each([
    "",
    " ",
    "t0ken-3333 t0ken-3333",
    "t0ken-3333/../..",
    "t0ken-3333?a=b",
    "t0ken-3333%2f",
    "tökén-3333",
    "3".repeat(201),
    path,
    `//hub.docker.com${path}`,
    `http://hub.docker.com${path}`,
    `ftp://hub.docker.com${path}`,
    `https://example.org${path}`,
    `https://hub.docker.com.example.org${path}`,
    `https://hub.docker.com@example.org${path}`,
    `https://hub.docker.com:x@example.org${path}`,
    `https://example.org#hub.docker.com${path}`,
    `https://example.org\\@hub.docker.com${path}`,
    `https://my-hub.docker.com${path}`,
    `https://docker.com${path}`,
    `https://api.github.com${path}`,
    `https://127.0.0.1${path}`,
    `http://127.0.0.1.example.org${path}`,
    `http://localhost.example.org${path}`,
    `http://0.0.0.0:9${path}`,
    `http://169.254.169.254${path}`,
    `http://[::ffff:127.0.0.1]:9${path}`,
    `file://${path}`,
    `javascript:${path}`,
  ])("that is neither a trigger URL nor a token is neither sent nor shown: %s", async (secret) => {
    expect(await start({}, secret)).toEqual(
      rejected(
        "expected a trigger URL of hub.docker.com or a legacy token in CHAIN_TRIGGER, found something else",
      ),
    );
    expect(server.asked).toEqual([]);
  });
});

test("no outcome of these tests contains a secret, a path or an address", () => {
  expect(outcomes.length).toBeGreaterThan(70);
  for (const outcome of outcomes) {
    expect(JSON.stringify(outcome)).not.toMatch(
      /1111|2222|3333|s0urce|tr1gger|t0ken|https?:|127\.0\.0\.1|\/u\//,
    );
  }
});
