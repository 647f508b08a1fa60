// Compares the request that each kind of builder describes for simulations with the one that it sends.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  originsOfTriggers,
  secretsOfTrigger,
  simulateTrigger,
  startBuild,
} from "../../../shared/builders/builders.ts";
import { type BuilderName, triggerSettings } from "../../../shared/builders/settings.ts";
import { allowHosts, realOrigins } from "../../../shared/outgoing/origins.ts";
import type { Send } from "../../../shared/outgoing/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { build, triggerContext } from "../../stand-ins/trigger-context.ts";

const secret = "stand-in";
const url = "https://ci.example.org:8443/{repository}/build?tag={tag}";
const form = { "content-type": "application/x-www-form-urlencoded" };

/** Settings of each kind that sends requests. */
const settings: Record<Exclude<BuilderName, "approval" | "command">, object[]> = {
  dockerhub: [
    { secret: "A" },
    { secret: "A", branch: "feature/a" },
    { secret: "A", tag: "v1" },
    { secret: "A", all: true },
  ],
  github: [
    { repository: "acme/web", workflow: "image.yml", secret: "A" },
    { repository: "acme/web", workflow: "image.yml", ref: "v1", inputs: { tag: "{tag}" }, secret: "A" },
    { repository: "acme/web", event: "rebuild", secret: "A" },
    { repository: "acme/web", event: "rebuild", payload: { image: "{image}" }, secret: "A" },
  ],
  gitlab: [
    { project: 42, secret: "A" },
    { project: "acme/web", ref: "v1/a", variables: { TAG: "{tag} & more" }, secret: "A" },
    { project: "acme/web", host: "gitlab.example.org:8443", secret: "A" },
  ],
  codebuild: [
    { project: "images" },
    { project: "images", region: "eu-west-1", ref: "v1", variables: { CONTEXT: "images/{step}" } },
  ],
  http: [
    { url },
    { url: "http://127.0.0.1:9/build" },
    { url, method: "GET" },
    { url, method: "PUT", body: "build {tag}" },
    { url: `${url}&key={secret:A}`, headers: { authorization: "Bearer {secret:B}" } },
    { url, body: { image: "{image}", keys: ["{secret:A}", "{secret:B}"] } },
    { url, body: '{ "step": "{step}", "key": "{secret:A}" }' },
    { url, headers: form, body: "image={image}&key={secret:A}" },
    { url, ok: [303, 409] },
  ],
};
const triggers = Object.entries(settings).flatMap(([kind, all]) => all.map((one) => [kind, one] as const));

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterAll(() => server.close());

const start = (trigger: ReturnType<typeof triggerSettings.parse>) => {
  const origins = { hub: server.origin, github: server.origin, others: server.origin };
  return startBuild(trigger, build, triggerContext(origins, { A: secret, B: secret }));
};

describe.each(triggers)("of %s with %j,", (kind, one) => {
  const trigger = triggerSettings.parse({ [kind]: one });
  const simulation = simulateTrigger(trigger, build, secret);

  test("the simulated request is the one that is sent", async () => {
    await start(trigger);
    expect(server.asked.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      simulation?.request,
    ]);
  });

  test("the simulated answer accepts, and the one for a pending build does not", async () => {
    const { status = 0, text, textWhilePending } = simulation ?? {};
    server.answer = answering(status, text);
    expect(await start(trigger)).toMatchObject({ kind: "accepted" });
    if (textWhilePending === undefined) return;
    server.answer = answering(status, textWhilePending);
    expect(await start(trigger)).toMatchObject({ kind: "refused" });
  });

  test("only declared secrets are read, and only declared or known hosts are asked", async () => {
    const read: string[] = [];
    const asked: string[] = [];
    const readSecret = async (name: string) => {
      read.push(name);
      return secret;
    };
    const send: Send = async (outgoing) => {
      asked.push(outgoing.url);
      return { kind: "answered", status: 200, header: () => null, text: "" };
    };
    await startBuild(trigger, build, { ...triggerContext({}, {}), send, readSecret });
    expect([...new Set(read)].sort()).toEqual(secretsOfTrigger(trigger).sort());
    const mayAsk = allowHosts(realOrigins, originsOfTriggers([{ steps: [{ trigger }] }]));
    expect(asked.filter((address) => !mayAsk(new URL(address)))).toEqual([]);
    // Requests to AWS have an allow list of their own.
    expect(asked).toHaveLength(kind === "codebuild" ? 0 : 1);
  });
});

test("a command sends no request to simulate", () => {
  const trigger = triggerSettings.parse({ command: { run: "make {tag}" } });
  expect(simulateTrigger(trigger, build, secret)).toBeNull();
});
