// What slots promise, for whichever engine stands behind them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTable } from "../../../shared/store/create-table.ts";
import { createDynamodbSlots } from "../../../shared/store/dynamodb-slots.ts";
import type { Holder, Slots } from "../../../shared/store/slots.ts";
import type { Asked } from "./over-http.ts";

const t0 = Date.UTC(2026, 10, 20, 3);
const minute = 60_000;
const holder = (name: string, since = t0): Holder => ({
  pipeline: name,
  runId: `${name}.1`,
  step: "a",
  since,
});

export function describeSlots(name: string, startEngine: () => Promise<Asked>): void {
  describe(`slots on ${name}`, () => {
    let engine: Asked;
    let slots: Slots;
    let now = t0;

    beforeAll(async () => {
      engine = await startEngine();
      const { requests } = engine;
      await createTable(requests, "tagrelay-slots");
      slots = createDynamodbSlots({ requests, tableName: "tagrelay-slots", clock: () => now });
    });
    afterAll(() => engine.close());

    test("are given as long as there are any, and to whoever has one again", async () => {
      const account = { name: "two", maxParallel: 2 };
      expect(await slots.take(account, holder("p", t0))).toEqual({ kind: "taken" });
      expect(await slots.take(account, holder("q", t0))).toEqual({ kind: "taken" });
      expect(await slots.take(account, holder("p", t0))).toEqual({ kind: "taken" });
      const full = await slots.take(account, holder("r", t0));
      expect(full).toMatchObject({ kind: "full" });
      const held = full.kind === "full" ? full.slots.map(({ pipeline }) => pipeline).sort() : [];
      expect(held).toEqual(["p", "q"]);
    });

    test("are given back to those who wait, who has waited longest first", async () => {
      const account = { name: "one", maxParallel: 1 };
      await slots.take(account, holder("p", t0));
      for (const [index, waiting] of ["s", "r", "q"].entries()) {
        await slots.take(account, holder(waiting, t0 - index * 1_000));
      }
      expect(await slots.free("one", holder("p"))).toEqual({
        held: 0,
        waiting: [holder("q", t0 - 2_000), holder("r", t0 - 1_000), holder("s")],
      });
      // It is not the turn of the others, nor of one that comes now.
      expect((await slots.take(account, holder("s", t0))).kind).toBe("full");
      expect((await slots.take(account, holder("new", t0 + 1))).kind).toBe("full");
      expect((await slots.take(account, holder("q", t0 - 2_000))).kind).toBe("taken");
      expect(await slots.free("one", holder("q", t0 - 2_000))).toEqual({
        held: 0,
        waiting: [holder("r", t0 - 1_000), holder("s"), holder("new", t0 + 1)],
      });
    });

    test("are not kept for one that does not wait any more", async () => {
      const account = { name: "left", maxParallel: 1 };
      await slots.take(account, holder("p", t0));
      await slots.take(account, holder("q", t0));
      await slots.take(account, holder("r", t0 + 1));
      expect(await slots.free("left", holder("q"))).toEqual({ held: 1, waiting: [holder("r", t0 + 1)] });
      expect(await slots.free("left", holder("p"))).toEqual({ held: 0, waiting: [holder("r", t0 + 1)] });
      now = t0 + 6 * minute;
      // Nobody has asked for so long.
      expect((await slots.take(account, holder("s", now))).kind).toBe("taken");
      now = t0;
    });

    test("of one account are not those of another", async () => {
      expect((await slots.take({ name: "x", maxParallel: 1 }, holder("p", t0))).kind).toBe("taken");
      expect((await slots.take({ name: "y", maxParallel: 1 }, holder("p", t0))).kind).toBe("taken");
      expect(await slots.free("x", holder("p"))).toEqual({ held: 0, waiting: [] });
      expect((await slots.take({ name: "y", maxParallel: 1 }, holder("q", t0))).kind).toBe("full");
    });

    test("are not more for being asked for by many at once, and none is left", async () => {
      const account = { name: "many", maxParallel: 7 };
      const asked = Array.from({ length: 60 }, (_, index) => holder(`m${index}`));
      const taken = await Promise.all(asked.map((one) => slots.take(account, one)));
      const lucky = asked.filter((_, index) => taken[index]?.kind === "taken");
      expect(lucky.length).toBeLessThanOrEqual(7);
      const rest = asked.filter((one) => !lucky.includes(one));
      for (const one of rest) {
        if ((await slots.take(account, one)).kind === "taken") lucky.push(one);
      }
      expect(lucky).toHaveLength(7);
    });

    test("are still bounded where there were more of them before", async () => {
      for (const name of ["p", "q", "r"])
        await slots.take({ name: "less", maxParallel: 3 }, holder(name, t0));
      expect((await slots.take({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("full");
      await slots.free("less", holder("p"));
      await slots.free("less", holder("q"));
      expect((await slots.take({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("full");
      await slots.free("less", holder("r"));
      expect((await slots.take({ name: "less", maxParallel: 1 }, holder("s", t0))).kind).toBe("taken");
    });
  });
}
