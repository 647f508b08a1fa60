import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createSimulatedHub,
  type SimulatedHub,
} from "../../../../functions/local/simulated-hub/simulated-hub.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { type Folder, makeFolder, until } from "../../../stand-ins/program.ts";

const { pipelines } = compileConfig({ pipelines: { chain: { image: "acme/chain", sequence: ["a", "b"] } } });

let folder: Folder;
let receiver: AnyServer;
let hub: SimulatedHub;
beforeEach(async () => {
  folder = makeFolder();
  receiver = await startAnyServer();
  hub = await start();
});
afterEach(async () => {
  await hub.stop();
  await receiver.close();
  folder.remove();
});

function start(): Promise<SimulatedHub> {
  return createSimulatedHub({
    path: join(folder.path, "simulated-hub.json"),
    pipelines,
    buildMs: () => 1_000,
    webhookUrl: () => `${receiver.origin}/hook`,
    send: createSend(),
  });
}

/** Requests a build with a legacy token, as the program does while builds are simulated. */
async function trigger(tag: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${hub.origin}/u/acme/chain/trigger/stand-in/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ docker_tag: tag }),
  });
  return { status: response.status, text: await response.text() };
}
const pushedTags = () => receiver.asked.map(({ body }) => JSON.parse(body).push_data.tag);

test("a trigger whose build is already under way is answered as Docker Hub does, and nothing more is built", async () => {
  const started = await trigger("a");
  expect(started.text).not.toMatch(/ignor/i);
  const pending = await trigger("a");
  expect(pending.status).toBe(started.status);
  expect(pending.text).toMatch(/is already pending\. Ignoring request\.$/);
  expect((await trigger("b")).text).not.toMatch(/ignor/i);
  await until(() => receiver.asked.length === 2, "both pushes are reported");
  expect(pushedTags().sort()).toEqual(["a", "b"]);
  // The next build of the tag starts after the push.
  expect((await trigger("a")).text).not.toMatch(/ignor/i);
});

test("the webhook of a push is repeated until it is accepted, and the tag API has the push", async () => {
  receiver.answer = answering(503);
  await trigger("a");
  await until(() => receiver.asked.length === 1, "the push is reported");
  const tag = await fetch(`${hub.origin}/v2/namespaces/acme/repositories/chain/tags/a`);
  expect(await tag.json()).toMatchObject({ name: "a", tag_last_pushed: expect.any(String) });
  receiver.answer = answering(200);
  await until(() => receiver.asked.length === 2, "the webhook is repeated");
  expect(pushedTags()).toEqual(["a", "a"]);
});

test("a build survives a stop of the program", async () => {
  await trigger("a");
  await hub.stop();
  hub = await start();
  expect(pushedTags()).toEqual([]);
  hub.start();
  await until(() => receiver.asked.length === 1, "the push is reported");
  expect(pushedTags()).toEqual(["a"]);
});

test("a request that no trigger sends is answered with 404", async () => {
  expect((await trigger("unknown")).status).toBe(404);
});

test("while its file cannot be written, no build is started, and one that is under way waits to report its push", async () => {
  // In place of a disk that is full: the file cannot be written where a folder is.
  const obstacle = join(folder.path, "simulated-hub.json.new");
  expect((await trigger("a")).status).toBe(200);
  mkdirSync(obstacle);
  expect((await trigger("b")).status).toBe(503);
  await until(async () => (await trigger("b")).status === 503, "it is refused again");
  rmdirSync(obstacle);
  expect((await trigger("b")).text).not.toMatch(/ignor/i);
  await until(() => receiver.asked.length === 2, "both pushes are reported");
  expect(pushedTags().sort()).toEqual(["a", "b"]);
});
