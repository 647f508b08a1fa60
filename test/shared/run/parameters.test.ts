import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/run/decide.ts";
import type { Event } from "../../../shared/run/event.ts";
import { accepted, actionsOf, minute, pipelineOf, play, pushed, second, started, t0 } from "./story.ts";

const family = pipelineOf({
  parameters: { version: "1.0" },
  onPush: "propagate",
  steps: {
    base: { image: "ghcr.io/acme/base:{version}" },
    app: { image: "acme/app:{version}-{date}", after: "base" },
  },
});
const of = (version: string, more: Parameters<typeof started>[0] = {}): Event =>
  started({ ...more, parameters: { version } });
const imagesOf = (state: { run: { steps: { image: string | null }[] } | null }) =>
  state.run?.steps.map(({ image }) => image);
/** The webhook of an image, as the catalog finds it for steps whose tags have parameters. */
const pushOf = (step: string, image: string, newRunId = "p.run-1", digest: string | null = null): Event => ({
  kind: "imagePushed",
  step,
  image,
  pushedAt: null,
  digest,
  newRunId,
});

describe("a run of a pipeline with parameters", () => {
  test("has the images of its values, its defaults and its date", () => {
    const { state } = play(family, [[0, of("2.0")]]);
    expect(imagesOf(state)).toEqual(["ghcr.io/acme/base:2.0", "acme/app:2.0-20261120"]);
    expect(state.run?.parameters).toEqual({ version: "2.0", date: "20261120" });
    expect(imagesOf(play(family, [[0, started()]]).state)).toEqual([
      "ghcr.io/acme/base:1.0",
      "acme/app:1.0-20261120",
    ]);
  });

  test.each([
    [{ verison: "1" }, 'found "verison"; did you mean "version"?'],
    [{ version: "a/b" }, 'for step "base", found "a/b"'],
    [{ version: "x".repeat(128) }, "expected a tag of at most 128"],
  ])("is refused with %j", (parameters, reason) => {
    const { outcome, state } = play(family, [[0, started({ parameters })]]);
    expect(outcome).toMatchObject({ kind: "refused", reason: expect.stringContaining(reason) });
    expect(state.run).toBeNull();
  });

  test("only advances by pushes of its own tags", () => {
    const begun = [
      [0, of("2.0")],
      [second, accepted("base")],
    ] as const;
    const other = play(family, [...begun, [minute, pushOf("base", "ghcr.io/acme/base:1.0")]]);
    expect(other.outcome).toMatchObject({ kind: "ignored" });
    expect(other.state.run?.steps).toMatchObject([{ state: "building" }, { state: "waiting" }]);
    const own = play(family, [...begun, [minute, pushOf("base", "ghcr.io/acme/base:2.0")]]);
    expect(actionsOf(own)).toEqual(["trigger app 1"]);
    expect(own.actions).toMatchObject([{ parameters: { version: "2.0" } }]);
  });

  test("knows nothing of what a step was pushed as in a run with another tag", () => {
    const first = play(family, [
      [0, of("2.0")],
      [second, accepted("base")],
      [minute, pushOf("base", "ghcr.io/acme/base:2.0", "p.run-1", "sha256:2")],
      [minute + second, accepted("app")],
      [2 * minute, pushed("app")],
    ]).state;
    expect(first.run?.status).toBe("succeeded");
    const same = play(family, [[3 * minute, of("2.0", { newRunId: "p.run-2", from: ["app"] })]], first);
    expect(same.actions).toMatchObject([{ bases: [{ digest: "sha256:2" }] }]);
    const next = play(family, [[3 * minute, of("3.0", { newRunId: "p.run-2", from: ["app"] })]], first);
    expect(next.actions).toMatchObject([{ bases: [{ image: "ghcr.io/acme/base:3.0", digest: null }] }]);
  });

  test("keeps its date when it is retried on another day, and when a push of its base continues it", () => {
    const day = 24 * 60 * minute;
    const failed = play(family, [
      [0, of("2.0")],
      [second, { kind: "cancelled", runId: "p.run-1" }],
    ]).state;
    const retried = play(family, [[day, { kind: "retryRequested", runId: "p.run-1" }]], failed);
    expect(imagesOf(retried.state)).toContain("acme/app:2.0-20261120");
    const over = play(family, [
      [0, of("2.0")],
      [second, accepted("base")],
      [minute, pushOf("base", "ghcr.io/acme/base:2.0")],
      [minute + second, accepted("app")],
      [2 * minute, pushed("app")],
    ]).state;
    const push = pushOf("base", "ghcr.io/acme/base:2.0", "p.run-2");
    const propagated = play(family, [[day, push]], over);
    expect(propagated.state.run).toMatchObject({ id: "p.run-2", cause: "push", from: ["app"] });
    expect(imagesOf(propagated.state)).toContain("acme/app:2.0-20261120");
  });
});

describe("runs that are requested while another is active", () => {
  const source = (version: string, value: string) =>
    of(version, { cause: "source", newRunId: `p.run-${value}`, seen: { name: "source a/b tags", value } });

  test("are one for each version, in their order, and one for requests of the same", () => {
    const queued = play(family, [
      [0, of("1")],
      [second, source("2", "2")],
      [2 * second, source("3", "3")],
      [3 * second, source("2", "4")],
    ]).state;
    expect(queued.queuedRun).toMatchObject({ id: "p.run-2", parameters: { version: "2" } });
    expect(queued.queuedLater).toMatchObject([{ id: "p.run-3", parameters: { version: "3" } }]);
    const cancelled = decide(family, queued, { kind: "cancelled", runId: "p.run-1" }, t0 + minute);
    const second2 = play(family, [[minute, { kind: "tick" }]], cancelled.state);
    expect(second2.state.run).toMatchObject({ id: "p.run-2", parameters: { version: "2" } });
    expect(second2.state).toMatchObject({ queuedRun: { id: "p.run-3" } });
    expect(second2.state.queuedLater).toBeUndefined();
  });

  test("are refused once twenty are queued", () => {
    const many = Array.from(
      { length: 21 },
      (_, index) => [index * second, source(`${index}`, `v${index}`)] as const,
    );
    const { state } = play(family, [[0, of("x")], ...many.slice(0, 20)]);
    const late = decide(family, state, source("20", "v20"), t0 + minute);
    expect(late.outcome).toMatchObject({
      kind: "ignored",
      reason: expect.stringContaining("20 others are queued"),
    });
    // It is not known, so it may be requested again.
    expect(late.state).toEqual(state);
  });
});
