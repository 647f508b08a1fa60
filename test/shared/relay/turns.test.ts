// Decisions that arrive while another one is being saved are saved together; each gets its own outcome.
import { afterEach, expect, test } from "vitest";
import { apply } from "../../../shared/relay/apply.ts";
import { type Turn, type Turns, takeTurn } from "../../../shared/relay/turns.ts";
import type { Decision } from "../../../shared/run/event.ts";
import type { EndedRun, PipelineState } from "../../../shared/run/state.ts";
import { type Loaded, type Store, StoreUnavailableError } from "../../../shared/store/store.ts";
import { type Fixture, startFixture } from "../../stand-ins/relay.ts";
import { pushed, started } from "../run/story.ts";
import { endRun, running } from "../store/stored-state.ts";

let fixture: Fixture;
afterEach(() => fixture.stop());

const count = 60;
const names = Array.from({ length: count }, (_, place) => `s-${place}`);
const wide = {
  confirm: "webhook",
  steps: Object.fromEntries(names.map((name) => [name, { image: `acme/wide:${name}` }])),
};

/** The fixture's relay, with its loads and saves counted. */
async function countingRelay(pipeline: Record<string, unknown> = wide) {
  fixture = await startFixture({ wide: pipeline });
  const counts = { loads: 0, saves: 0, conflicts: 0 };
  const { store } = fixture.relay;
  const counting: Store = {
    ...store,
    load: (name) => {
      counts.loads += 1;
      return store.load(name);
    },
    save: async (...args) => {
      counts.saves += 1;
      const saved = await store.save(...args);
      if (saved.kind === "conflict") counts.conflicts += 1;
      return saved;
    },
  };
  const relay = { ...fixture.relay, store: counting };
  const configured = relay.pipelines.get("wide");
  if (configured === undefined) throw new Error("expected the pipeline wide");
  return { relay, pipeline: configured, counts };
}

test("sixty pushes at once cost a few saves, and none of them conflicts with another", async () => {
  const { relay, pipeline, counts } = await countingRelay();
  const { state } = await apply(relay, pipeline, started({ newRunId: "wide.run" }));
  expect(state.run?.steps.every((stepRun) => stepRun.state === "building")).toBe(true);
  Object.assign(counts, { loads: 0, saves: 0 });
  const applied = await Promise.all(
    names.map((name) => apply(relay, pipeline, pushed(name, null, `wide.${name}`))),
  );
  expect(applied.map(({ outcome }) => outcome.kind)).toEqual(names.map(() => "advanced"));
  expect((await relay.store.load("wide")).state.run?.status).toBe("succeeded");
  expect(counts.conflicts).toBe(0);
  expect(counts.saves).toBeLessThan(10);
  expect(relay.turns.size).toBe(0);
});

const t0 = Date.UTC(2026, 10, 20, 3);

/** The outcomes of turns that all wait for the same save, and how often each run was archived. */
async function takeAll(decisions: readonly Turn["decide"][], conflicts = 0) {
  const { relay } = await countingRelay();
  const archived: string[] = [];
  let conflictsLeft = conflicts;
  const store: Store = {
    ...relay.store,
    save: async (name, before, state, replacedRun) => {
      conflictsLeft -= 1;
      if (conflictsLeft >= 0) return { kind: "conflict" };
      if (replacedRun !== null) archived.push(replacedRun.id);
      return relay.store.save(name, before, state, replacedRun);
    },
  };
  const turns: Turns = new Map();
  const ports = { ...relay, store };
  const take = (decide: Turn["decide"]) =>
    new Promise<Loaded>((resolve, reject) => {
      const done: Turn["resolve"] = (_before, _decision, loaded) => resolve(loaded);
      takeTurn(turns, ports, { pipeline: "wide", loaded: null, decide, resolve: done, reject });
    });
  // The first has the turn, and the others wait for it.
  const settled = await Promise.allSettled([take(unchanged), ...decisions.map(take)]);
  const stored = await relay.store.load("wide");
  return { outcomes: settled.slice(1).map(({ status }) => status), archived, stored, size: turns.size };
}

const decision = (state: PipelineState, replacedRun: EndedRun | null = null): Decision => ({
  state,
  replacedRun,
  outcome: { kind: "advanced" },
  actions: [],
});
const unchanged = (state: PipelineState) => decision(state);

test("an error in one decision rejects that one, and the others are saved", async () => {
  const fails = () => {
    throw new Error("expected to be the only one");
  };
  const starts = () => decision(running("wide", t0));
  const { outcomes, stored, size } = await takeAll([fails, starts, fails]);
  expect(outcomes).toEqual(["rejected", "fulfilled", "rejected"]);
  expect(stored.state.run?.status).toBe("running");
  expect(size).toBe(0);
});

test("a decision that failed is not made again after a conflict, as nobody would perform its actions", async () => {
  let calls = 0;
  const failsOnce = (state: PipelineState) => {
    calls += 1;
    if (calls === 1) throw new Error("expected to be the only one");
    return decision(state);
  };
  const starts = () => decision(running("wide", t0));
  const { outcomes, stored } = await takeAll([failsOnce, starts], 1);
  expect(outcomes).toEqual(["rejected", "fulfilled"]);
  expect(stored.state.run?.status).toBe("running");
  expect(calls).toBe(1);
});

test("runs that replace one another in the same moment are all archived", async () => {
  const runs = [1, 2, 3].map((minute) => endRun(running("wide", t0, t0 + minute * 60_000), t0 + 9e6));
  const replaces = runs.map(({ state, run }, place) => (found: PipelineState) => {
    expect(found.run?.id).toBe(runs[place - 1]?.run.id);
    const before = runs[place - 1]?.run ?? null;
    return decision({ ...state, run }, before);
  });
  const { outcomes, archived } = await takeAll(replaces);
  expect(outcomes).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  expect(archived).toEqual(runs.slice(0, 2).map(({ run }) => run.id));
});

test("a store that cannot be reached rejects all that wait for the save, and none is left waiting", async () => {
  const { relay, pipeline } = await countingRelay();
  const load = () => Promise.reject(new StoreUnavailableError("no answer"));
  const broken = { ...relay, store: { ...relay.store, load } };
  const applied = names.slice(0, 5).map((name) => apply(broken, pipeline, pushed(name)));
  const settled = await Promise.allSettled(applied);
  expect(settled.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
  expect(relay.turns.size).toBe(0);
});
