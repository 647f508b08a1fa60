// A look at five hundred images at five registries, over HTTP, and how many requests it takes.
import { afterEach, describe, expect, test } from "vitest";
import { type ImageToCheck, lookAtFreshness } from "../../../shared/evidence/freshness.ts";
import { createProofs } from "../../../shared/evidence/proofs.ts";
import { realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../shared/registries/look-up.ts";
import { pushFamilies } from "../../stand-ins/large-family.ts";
import { type LimitedRegistry, type Limits, startLimitedRegistry } from "../../stand-ins/limited-registry.ts";

const imageCount = 500;
const hourMs = 3_600_000;
const unlimited: Limits = { pulls: null, requestsPerSecond: null };

let now = 0;
const clock = () => now;
let registries: LimitedRegistry[] = [];
afterEach(async () => {
  await Promise.all(registries.map(({ close }) => close()));
});

async function start(...limits: Limits[]): Promise<void> {
  now = Date.parse("2026-11-20T03:00:00Z");
  registries = await Promise.all(limits.map((each) => startLimitedRegistry(each, clock)));
}

/** What a new process has, with nothing in its memory. */
function startProcess() {
  const ports = { send: createSend(), origins: realOrigins, clock, readLogin: async () => null };
  const { readContent } = createLookUps(ports, async (ms) => {
    now += ms;
  });
  const proofs = createProofs();
  return async (images: readonly ImageToCheck[], isLate?: () => boolean) => {
    for (const { counts } of registries)
      Object.assign(counts, { HEAD: 0, manifests: 0, blobs: 0, refused: 0 });
    const found = await lookAtFreshness(readContent, proofs, images, isLate);
    const states = Map.groupBy(found, ({ state }) => state);
    const sum = (kind: keyof LimitedRegistry["counts"]) =>
      registries.reduce((total, { counts }) => total + counts[kind], 0);
    return {
      states: Object.fromEntries([...states].map(([state, { length }]) => [state, length])),
      requests: {
        HEAD: sum("HEAD"),
        manifests: sum("manifests"),
        blobs: sum("blobs"),
        refused: sum("refused"),
      },
      found,
    };
  };
}

describe("a look at five hundred images at five registries", () => {
  test("reads each image once, and after that asks for each tag by one HEAD request", async () => {
    await start(unlimited, unlimited, unlimited, unlimited, unlimited);
    const images = pushFamilies(registries, imageCount, false);
    const look = startProcess();
    const first = await look(images);
    expect(first.states).toEqual({ fresh: imageCount });
    expect(first.requests).toEqual({ HEAD: 0, manifests: imageCount, blobs: imageCount, refused: 0 });
    const second = await look(images);
    expect(second.states).toEqual({ fresh: imageCount });
    expect(second.requests).toEqual({ HEAD: imageCount, manifests: 0, blobs: 0, refused: 0 });
  });

  test("in a new process takes one HEAD request for each tag that a run has proven", async () => {
    await start(unlimited, unlimited, unlimited, unlimited, unlimited);
    const { states, requests } = await startProcess()(pushFamilies(registries, imageCount, true));
    expect(states).toEqual({ fresh: imageCount });
    expect(requests).toEqual({ HEAD: imageCount, manifests: 0, blobs: 0, refused: 0 });
  });

  test("reads only the family whose base was pushed", async () => {
    await start(unlimited, unlimited, unlimited, unlimited, unlimited);
    const images = pushFamilies(registries, imageCount, true);
    registries[0]?.push("base-0", ["another layer"]);
    const { states, requests } = await startProcess()(images);
    expect(states).toEqual({ fresh: imageCount - 9, stale: 9 });
    expect(requests).toMatchObject({ HEAD: imageCount, manifests: 10 });
  });
});

describe("a registry that allows a hundred pulls in six hours", () => {
  const limited: Limits = { pulls: { atMost: 100, windowMs: 6 * hourMs }, requestsPerSecond: null };

  test("is left alone once it refuses, and looked at again until all its images are known", async () => {
    await start(limited, unlimited);
    const images = pushFamilies(registries, 400, false);
    const look = startProcess();
    const fresh: number[] = [];
    for (let hours = 0; hours < 12; hours += 1, now += hourMs) {
      const { states, requests } = await look(images);
      // Those that were on their way when the first was refused.
      expect(requests.refused).toBeLessThanOrEqual(16);
      fresh.push(states.fresh ?? 0);
    }
    expect(fresh[0]).toBeLessThan(400);
    expect(fresh[11]).toBe(400);
  });

  test("answers with what is known of the others, and why the rest is not known", async () => {
    await start(limited, unlimited);
    const { found } = await startProcess()(pushFamilies(registries, 400, false));
    const unread = found.filter(({ isTemporary }) => isTemporary);
    expect(unread.length).toBeGreaterThan(0);
    expect(new Set(unread.map(({ state, because }) => `${state}: ${because}`))).toEqual(
      new Set([`unknown: ${registries[0]?.host} answered 429`]),
    );
    const host = registries[1]?.host ?? "";
    const others = found.filter(({ image }) => image.repository.startsWith(host));
    expect(new Set(others.map(({ state }) => state))).toEqual(new Set(["fresh"]));
  });
});

test("a look that is late ends, and the next one goes on from there", async () => {
  await start(unlimited);
  const images = pushFamilies(registries, 400, false);
  const look = startProcess();
  let asked = 0;
  const first = await look(images, () => {
    asked += 1;
    return asked > 400;
  });
  expect(first.states.unknown).toBeGreaterThan(0);
  expect(first.found.filter(({ state }) => state === "unknown").every(({ isTemporary }) => isTemporary)).toBe(
    true,
  );
  const second = await look(images);
  expect(second.states).toEqual({ fresh: 400 });
  expect(second.requests.manifests).toBeLessThan(400);
});

test("a limit of requests in a second is waited for", async () => {
  await start({ pulls: null, requestsPerSecond: 50 });
  const { states, requests } = await startProcess()(pushFamilies(registries, 100, false));
  expect(states).toEqual({ fresh: 100 });
  expect(requests).toMatchObject({ manifests: 100, blobs: 100 });
  expect(requests.refused).toBeGreaterThan(0);
});
