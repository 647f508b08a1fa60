// What all slots promise. A new store runs this suite.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Holder, Slots } from "../../../shared/store/slots.ts";

const t0 = Date.UTC(2026, 10, 20, 3);
const minute = 60_000;
const holder = (name: string, since = t0): Holder => ({
  pipeline: name,
  runId: `${name}.1`,
  step: "a",
  since,
});

export type TestSlots = { slots: Slots; close: () => Promise<void> };

export function describeSlots(name: string, startSlots: (clock: () => number) => Promise<TestSlots>): void {
  describe(`slots on ${name}`, () => {
    let slots: Slots;
    let close: () => Promise<void>;
    let now = t0;

    beforeAll(async () => {
      ({ slots, close } = await startSlots(() => now));
    });
    beforeEach(() => {
      now = t0;
    });
    afterAll(() => close());

    test("are acquired up to maxParallel, and a holder that asks again keeps its own", async () => {
      const account = { name: "two", maxParallel: 2 };
      expect(await slots.acquire(account, holder("p", t0))).toEqual({ kind: "acquired" });
      expect(await slots.acquire(account, holder("q", t0))).toEqual({ kind: "acquired" });
      expect(await slots.acquire(account, holder("p", t0))).toEqual({ kind: "acquired" });
      const full = await slots.acquire(account, holder("r", t0));
      expect(full).toMatchObject({ kind: "full" });
      const held = full.kind === "full" ? full.slots.map(({ pipeline }) => pipeline).sort() : [];
      expect(held).toEqual(["p", "q"]);
    });

    test("go to the step that has waited longest", async () => {
      const account = { name: "one", maxParallel: 1 };
      await slots.acquire(account, holder("p", t0));
      for (const [index, waiting] of ["s", "r", "q"].entries()) {
        await slots.acquire(account, holder(waiting, t0 - index * 1_000));
      }
      expect(await slots.release("one", holder("p"))).toEqual({
        held: 0,
        waiting: [holder("q", t0 - 2_000), holder("r", t0 - 1_000), holder("s")],
      });
      // It is not the turn of the other steps, nor of a new one.
      expect((await slots.acquire(account, holder("s", t0))).kind).toBe("full");
      expect((await slots.acquire(account, holder("new", t0 + 1))).kind).toBe("full");
      expect((await slots.acquire(account, holder("q", t0 - 2_000))).kind).toBe("acquired");
      expect(await slots.release("one", holder("q", t0 - 2_000))).toEqual({
        held: 0,
        waiting: [holder("r", t0 - 1_000), holder("s"), holder("new", t0 + 1)],
      });
    });

    test("are not reserved for a step that no longer waits", async () => {
      const account = { name: "left", maxParallel: 1 };
      await slots.acquire(account, holder("p", t0));
      await slots.acquire(account, holder("q", t0));
      await slots.acquire(account, holder("r", t0 + 1));
      expect(await slots.release("left", holder("q"))).toEqual({ held: 1, waiting: [holder("r", t0 + 1)] });
      expect(await slots.release("left", holder("p"))).toEqual({ held: 0, waiting: [holder("r", t0 + 1)] });
      now = t0 + 6 * minute;
      // The waiting step has not asked again in time.
      expect((await slots.acquire(account, holder("s", now))).kind).toBe("acquired");
    });

    test("of different accounts are independent", async () => {
      expect((await slots.acquire({ name: "x", maxParallel: 1 }, holder("p", t0))).kind).toBe("acquired");
      expect((await slots.acquire({ name: "y", maxParallel: 1 }, holder("p", t0))).kind).toBe("acquired");
      expect(await slots.release("x", holder("p"))).toEqual({ held: 0, waiting: [] });
      expect((await slots.acquire({ name: "y", maxParallel: 1 }, holder("q", t0))).kind).toBe("full");
    });

    test("never exceed maxParallel if many ask at once, and are all acquired in the end", async () => {
      const account = { name: "many", maxParallel: 7 };
      const holders = Array.from({ length: 60 }, (_, index) => holder(`m${index}`));
      const results = await Promise.all(holders.map((one) => slots.acquire(account, one)));
      const lucky = holders.filter((_, index) => results[index]?.kind === "acquired");
      expect(lucky.length).toBeLessThanOrEqual(7);
      const rest = holders.filter((one) => !lucky.includes(one));
      for (const one of rest) {
        if ((await slots.acquire(account, one)).kind === "acquired") lucky.push(one);
      }
      expect(lucky).toHaveLength(7);
    });

    test("stay limited after maxParallel is lowered", async () => {
      for (const name of ["p", "q", "r"])
        await slots.acquire({ name: "less", maxParallel: 3 }, holder(name, t0));
      expect((await slots.acquire({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("full");
      await slots.release("less", holder("p"));
      await slots.release("less", holder("q"));
      expect((await slots.acquire({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("full");
      await slots.release("less", holder("r"));
      expect((await slots.acquire({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("acquired");
    });

    test("are at most maxParallel, and go to the step with the earliest since", async () => {
      const account = { name: "turns", maxParallel: 1 };
      expect(await slots.acquire(account, holder("a"))).toMatchObject({ kind: "acquired" });
      expect(await slots.acquire(account, holder("c", t0 + 20))).toMatchObject({ kind: "full" });
      expect(await slots.acquire(account, holder("b", t0 + 10))).toMatchObject({ kind: "full" });
      expect(await slots.release("turns", holder("a"))).toEqual({
        held: 0,
        waiting: [holder("b", t0 + 10), holder("c", t0 + 20)],
      });
      expect(await slots.acquire(account, holder("c", t0 + 20))).toMatchObject({ kind: "full" });
      expect(await slots.acquire(account, holder("b", t0 + 10))).toMatchObject({ kind: "acquired" });
    });

    test("are released only for the same since: a retried run wants another slot", async () => {
      const account = { name: "retried", maxParallel: 1 };
      await slots.acquire(account, holder("a", t0 + 10));
      await slots.release("retried", holder("a", t0));
      expect(await slots.acquire(account, holder("b"))).toMatchObject({ kind: "full" });
    });

    test("that seem lost are not released if they were acquired again", async () => {
      const account = { name: "again", maxParallel: 1 };
      await slots.acquire(account, holder("a"));
      const full = await slots.acquire(account, holder("b", t0 + 10));
      const [lost] = full.kind === "full" ? full.slots : [];
      if (lost === undefined) throw new Error("expected a slot");
      now += 3 * minute;
      expect(await slots.acquire(account, holder("a"))).toMatchObject({ kind: "acquired" });
      await slots.releaseIfUnchanged("again", lost);
      expect(await slots.acquire(account, holder("b", t0 + 10))).toMatchObject({ kind: "full" });
    });

    test("that seem lost, and are, are released", async () => {
      const account = { name: "lost", maxParallel: 1 };
      await slots.acquire(account, holder("a"));
      const full = await slots.acquire(account, holder("b", t0 + 10));
      const lost = full.kind === "full" ? full.slots : [];
      await Promise.all(lost.map((slot) => slots.releaseIfUnchanged("lost", slot)));
      expect(await slots.acquire(account, holder("b", t0 + 10))).toMatchObject({ kind: "acquired" });
    });
  });
}
