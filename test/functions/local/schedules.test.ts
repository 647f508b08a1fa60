import { afterEach, beforeEach, expect, test } from "vitest";
import { createScheduleStarter } from "../../../functions/local/schedules.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";

const hour = 3_600_000;
const hourly = (name: string) => ({ image: `acme/${name}`, schedule: { every: "1h" }, sequence: ["a"] });

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture({ first: hourly("first"), bad: hourly("bad"), last: hourly("last") });
});
afterEach(() => fixture.stop());

test("a pipeline that cannot be started does not delay others, and is tried again", async () => {
  let isBroken = true;
  const { store } = fixture.relay;
  const load = (name: string) =>
    isBroken && name === "bad" ? Promise.reject(new Error("unreadable")) : store.load(name);
  const relay = { ...fixture.relay, store: { ...store, load } };
  const startedAt = relay.clock();
  let handledUntil: number | null = null;
  const run = await createScheduleStarter(relay, {
    load: async () => handledUntil,
    save: async (instant) => {
      handledUntil = instant;
    },
  });

  fixture.later(hour);
  await run();
  expect(fixture.hub.triggers.map(({ path }) => path.split("/")[3]).sort()).toEqual(["first", "last"]);
  // A restart of the program would start it, too.
  expect(handledUntil).toBeLessThanOrEqual(startedAt + 1_000);

  isBroken = false;
  await run();
  expect(fixture.hub.triggers.map(({ path }) => path.split("/")[3]).sort()).toEqual(["bad", "first", "last"]);
  expect(handledUntil).toBeGreaterThan(startedAt + hour - 1_000);
  await run();
  expect(fixture.hub.triggers).toHaveLength(3);
});
