import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { ConfigError } from "../../../../shared/config/config-error.ts";
import { type Completion, emptyState, type PipelineState, wakeAtOf } from "../../../../shared/run/state.ts";
import { fitState } from "../../../../shared/store/dynamodb/fit.ts";
import { running, t0 } from "../stored-state.ts";

const maxBytes = 409_600 - 2_000;
const randomText = (letters: number) =>
  randomBytes(letters).toString("base64url").slice(0, letters).toLowerCase();
const digest = () => `sha256:${randomBytes(32).toString("hex")}`;
const anInstant = () => t0 + Math.floor(Math.random() * 1e8);

const nameOf = (index: number) => `s-${String(index).padStart(4, "0")}`;
const compile = (count: number) =>
  compileConfig({
    pipelines: {
      large: { image: "acme/large", sequence: Array.from({ length: count }, (_, index) => nameOf(index)) },
    },
  });

/** Each step has failed with its evidence, and each text and digest is one that does not compress. */
function worstState(names: readonly string[]): PipelineState {
  const { run } = running("large", t0 + 9);
  const [building] = run?.steps ?? [];
  if (run?.status !== "running" || building === undefined) throw new Error("expected a run");
  const pushed = names.map((_, index) => ({
    digest: digest(),
    platforms: ["linux/amd64", "linux/arm64"],
    standsOn: [
      {
        base: { kind: "step", step: names[Math.max(0, index - 1)] ?? "" },
        digest: digest(),
        verdict: "proven",
      } as const,
    ],
  }));
  const failed = names.map((name, index) => ({
    name,
    image: `acme/large:${name}`,
    attempts: 2,
    retriesUsed: 1,
    slot: null,
    digestBefore: digest(),
    triggeredAt: anInstant(),
    failedAt: anInstant(),
    state: "failed" as const,
    reason: randomText(300),
    build: { id: randomText(11), url: `https://example.com/${randomText(20)}` },
    pushed: pushed[index] ?? null,
  }));
  const completions = names.map((step, index): Completion => {
    const { platforms = [], standsOn = [] } = pushed[index] ?? {};
    const at = anInstant();
    return { step, at, pushedAt: at, hubAt: at, digest: digest(), platforms, standsOn };
  });
  const log = Array.from({ length: 200 }, () => ({
    at: anInstant(),
    step: names[0] ?? "",
    state: "failed",
    attempt: 1,
    reason: randomText(300),
  }));
  const failures = failed.map(({ name, reason }) => ({ step: name, reason, attempts: 2 }));
  const outbox = ["ops", "mail", null].map((channel) => ({
    ...({ kind: "notify", runId: run.id, subject: "runFailed", channel, at: t0, attempts: 1 } as const),
    wakeAt: t0 + 60_000,
    since: t0,
    pushed: [],
    failed: failures,
  }));
  const images = names.map((step) => ({
    step,
    state: "behind" as const,
    since: anInstant(),
    because: randomText(60),
  }));
  return {
    ...emptyState,
    run: { ...run, log, steps: [building, ...failed] },
    completions,
    outbox,
    outage: { since: t0, steps: [...names] },
    look: { at: t0, images },
  };
}

test("1,000 steps are accepted, and 1,500 are refused with what they may take", () => {
  expect(compile(1_000).pipelines[0]?.steps).toHaveLength(1_000);
  expect(() => compile(1_500)).toThrow(ConfigError);
  expect(() => compile(1_500)).toThrow(
    /^pipelines\.large\.steps: expected steps whose state takes at most 390 KB, .* found 1500 steps, whose state may take \d+ KB; split it/,
  );
});

test("the worst state of 1,000 steps fits in an item, and what decides is all in it", () => {
  const state = worstState(Array.from({ length: 1_000 }, (_, index) => nameOf(index)));
  const { value, text } = fitState(state);
  expect(text.length).toBeLessThan(maxBytes);
  expect(wakeAtOf(value)).toBe(wakeAtOf(state));
  expect(value.completions).toEqual(state.completions);
  const decides = ({ run }: PipelineState) =>
    run?.steps.map(({ name, state: of, attempts, digestBefore, pushed }) => [
      ...[name, of, attempts, digestBefore, pushed?.digest],
    ]);
  expect(decides(value)).toEqual(decides(state));
  const failures = value.outbox.map(
    (entry) => entry.kind === "notify" && [entry.failed.length, entry.failedLeftOut],
  );
  expect(failures).toEqual(Array(3).fill([5, 995]));
});

test("a state that fits is stored as it is", () => {
  const state = worstState(["a", "b"]);
  expect(fitState(state).value).toBe(state);
});

test("where writes are free, a small state is plain JSON, and a large one is packed", () => {
  const small = running("small", t0);
  expect(fitState(small, true)).toEqual({ value: small, text: JSON.stringify(small) });
  expect(fitState(small).text.length).toBeLessThan(JSON.stringify(small).length);
  const large = worstState(Array.from({ length: 20 }, (_, index) => nameOf(index)));
  expect(fitState(large, true)).toEqual(fitState(large));
});
