// Runs on real time: the queue measures its gaps itself.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "../../../shared/channels/take-turns.ts";
import { type Delivery, deliveryFailed } from "../../../shared/kinds/channel.ts";

const delivered: Delivery = { kind: "delivered" };

/** A service that takes a while for each message, and remembers when each began. */
function service(tookMs: number) {
  const began: { id: string; at: number }[] = [];
  let atOnce = 0;
  let most = 0;
  const sendOf = (id: string) => async () => {
    began.push({ id, at: performance.now() });
    atOnce += 1;
    most = Math.max(most, atOnce);
    await sleep(tookMs);
    atOnce -= 1;
    return delivered;
  };
  return { began, sendOf, mostAtOnce: () => most };
}

test("a channel sends one notice at a time, in their order, with a gap between them", async () => {
  const take = createTurns({ gapMs: 60, keepsRunning: true });
  const { began, sendOf, mostAtOnce } = service(20);
  const ids = ["a", "b", "c", "d"];
  const ends = await Promise.all(ids.map((id) => take(id, sendOf(id))));
  expect(ends).toEqual(ids.map(() => delivered));
  expect(began.map(({ id }) => id)).toEqual(ids);
  expect(mostAtOnce()).toBe(1);
  const gaps = began.slice(1).map(({ at }, index) => at - (began[index]?.at ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(58);
});

test("a notice that is sent again while it waits is sent once, and its end is told the next time", async () => {
  const take = createTurns({ gapMs: 100, keepsRunning: true, patienceMs: 30 });
  const { began, sendOf } = service(0);
  expect(await take("a", sendOf("a"))).toEqual(delivered);
  expect(await take("b", sendOf("b"))).toMatchObject({ kind: "failed", needsAttention: false });
  expect(await take("b", sendOf("b"))).toMatchObject({ reason: expect.stringContaining("queue") });
  await sleep(120);
  expect(await take("b", sendOf("b"))).toEqual(delivered);
  expect(began.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("a notice that failed in the queue is sent again", async () => {
  const take = createTurns({ gapMs: 50, keepsRunning: true, patienceMs: 20 });
  const { began, sendOf } = service(0);
  await take("a", sendOf("a"));
  await take("b", async () => deliveryFailed("Slack answered 503"));
  await sleep(80);
  await sleep(50);
  expect(await take("b", sendOf("b"))).toEqual(delivered);
  expect(began.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("a process that is frozen between calls does not queue what it cannot send in time", async () => {
  const take = createTurns({ gapMs: 50, keepsRunning: false, patienceMs: 100 });
  const { began, sendOf } = service(0);
  const ends = await Promise.all(["a", "b", "c", "d"].map((id) => take(id, sendOf(id))));
  expect(ends.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "failed", "failed"]);
  await sleep(150);
  expect(began).toHaveLength(2);
});

test("a send that throws does not stop those after it", async () => {
  const take = createTurns({ gapMs: 0, keepsRunning: true });
  const thrown = take("a", async () => Promise.reject(new Error("gone")));
  await expect(thrown).rejects.toThrow("gone");
  expect(await take("b", async () => delivered)).toEqual(delivered);
});
