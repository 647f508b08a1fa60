// Images that are really built, from Dockerfiles and from one another, in two real registries.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until, webhookSecret } from "../stand-ins/program.ts";
import { readFileOfLastLayer, readImage } from "./read-image.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => {
  world.line.state = "open";
  world.server.open();
  expect(world.server.failures).toEqual([]);
});
afterAll(() => world.stop());

/** What arrived about pushes of a tag of this image, and how it was answered. */
function answersTo(image: string): unknown[] {
  const isOf = ({ action, target }: World["line"]["told"][number]["events"][number]) =>
    action === "push" && image.endsWith(`/${target.repository}:${target.tag}`);
  return world.line.told.filter(({ events }) => events.some(isOf)).map(({ answer }) => answer);
}

function postNotification(image: string, digest: string, secret = webhookSecret): Promise<Response> {
  const [, host = "", repository = "", tag = ""] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const target = {
    mediaType,
    digest,
    repository,
    tag,
    url: `http://${host}/v2/${repository}/manifests/${digest}`,
  };
  const id = randomUUID();
  const timestamp = new Date().toISOString();
  return fetch(`${world.program.origin}/hooks/distribution`, {
    method: "POST",
    headers: {
      "content-type": "application/vnd.docker.distribution.events.v1+json",
      authorization: `Bearer ${secret}`,
    },
    body: JSON.stringify({ events: [{ id, timestamp, action: "push", target, request: { host } }] }),
  });
}

test("a family of seven images is built in order, each from what its base is now", async () => {
  const number = randomUUID();
  world.setNumber(number);
  const run = await world.run("family");
  expect(run).toMatchObject({
    status: "succeeded",
    steps: Object.keys(world.family).map((name) => ({ name, state: "done", attempts: 1 })),
  });

  const builds = world.builds();
  for (const [step, { image, after, builder }] of Object.entries(world.family)) {
    for (const before of after) {
      expect(builds.indexOf(`begin ${before}`)).toBeLessThan(builds.indexOf(`begin ${step}`));
    }
    const { digest, layers } = await readImage(image);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const [parent] = after;
    const below = parent === undefined ? [] : (await readImage(world.family[parent]?.image ?? "")).layers;
    expect(layers.slice(0, -1)).toEqual(below);
    const [answer, ...others] = answersTo(image);
    expect(others).toEqual([]);
    // The registry tells of a push shortly before it moves the tag. Then it is asked again.
    if (builder === "server")
      expect(JSON.stringify(answer)).toMatch(/"advanced"|the registry will be asked again/);
    else expect(answer).not.toMatchObject({ outcome: "advanced" });
  }
  const app = world.family.app?.image ?? "";
  const folder = join(world.folder.path, "app");
  expect(await readFileOfLastLayer(app, "number-of-web", folder)).toBe(number);
});

test("a registry's news of blobs, mounts and pulls is accepted and ignored", () => {
  const others = world.line.told.filter(({ events }) =>
    events.every(({ action, target }) => action !== "push" || target.tag === undefined),
  );
  const actions = others.flatMap(({ events }) => events.map(({ action }) => action));
  expect(new Set(actions)).toEqual(new Set(["push", "mount", "pull"]));
  expect(others.filter(({ status }) => status !== 200)).toEqual([]);
  for (const { answer } of others) expect(answer).toMatchObject({ outcome: "ignored" });
  expect(world.program.stderr()).toMatch(/"event":"webhook","registry":"distribution","outcome":"ignored"/);
});

test("a push whose notification was lost is found before the step is built again", async () => {
  world.setNumber(randomUUID());
  world.line.state = "lose";
  const run = await world.run("lost");
  expect(run).toMatchObject({ status: "succeeded", steps: [{ state: "done", attempts: 1 }] });
  expect(world.line.lost).toBeGreaterThan(0);
  expect(answersTo(world.lost)).toEqual([]);
  expect(world.server.asked.filter((step) => step === "lost")).toHaveLength(1);
});

test("notifications that were cut off for a while end a step when they arrive", async () => {
  world.setNumber(randomUUID());
  world.line.state = "cut";
  const run = await world.run("alone", async (load) => {
    await until(() => world.builds().includes("end alone"), "the image is pushed", 60_000);
    expect(await load()).toMatchObject({ status: "running", steps: [{ state: "building" }] });
    world.line.state = "open";
  });
  expect(run).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }] });
  expect(answersTo(world.alone)).toMatchObject([{ outcome: "advanced" }]);
});

test("a notification that arrives in the next run ends nothing, but a build from the same files does", async () => {
  world.line.state = "cut";
  expect(await world.run("lost")).toMatchObject({ status: "succeeded" });
  world.server.isOpen = false;
  const asked = world.server.asked.length;
  const run = await world.run("lost", async (load) => {
    await until(() => world.server.asked.length > asked, "the build was asked for");
    world.line.state = "open";
    await until(() => answersTo(world.lost).length === 1, "the notification arrives");
    expect(answersTo(world.lost)).toMatchObject([{ outcome: "ignored" }]);
    expect(await load()).toMatchObject({ status: "running", steps: [{ state: "building" }] });
    world.server.open();
  });
  expect(run).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }] });
});

test("an image that was built from the same files has the same digest, and its push still ends the step", async () => {
  const { digest } = await readImage(world.alone);
  const run = await world.run("alone");
  expect(run).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }] });
  expect((await readImage(world.alone)).digest).toBe(digest);
});

test("a forged notification of a digest that the registry does not show ends nothing, and a wrong secret is refused", async () => {
  world.setNumber(randomUUID());
  world.server.isOpen = false;
  const asked = world.server.asked.length;
  const before = await readImage(world.alone);
  const run = await world.run("alone", async (load) => {
    await until(() => world.server.asked.length > asked, "the build was asked for");
    const forged = await postNotification(world.alone, `sha256:${"0".repeat(64)}`);
    expect(forged.status).toBe(200);
    expect(await forged.json()).not.toMatchObject({ outcome: "advanced" });
    expect((await postNotification(world.alone, before.digest, "not-the-secret")).status).toBe(401);
    expect(await load()).toMatchObject({ status: "running", steps: [{ state: "building" }] });
    world.server.open();
  });
  expect(run).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }] });
  expect((await readImage(world.alone)).digest).not.toBe(before.digest);
});
