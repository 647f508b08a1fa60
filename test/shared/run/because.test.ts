// A run says what changed and so caused it, and its notice says what it pushed.
import { expect, test } from "vitest";
import type { Evidence } from "../../../shared/evidence/evidence.ts";
import type { ActionOf, Event } from "../../../shared/run/event.ts";
import { accepted, confirmed, hour, minute, pipelineOf, play, second, started, t0 } from "./story.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const document = {
  image: "ghcr.io/acme/x",
  steps: { base: { image: "base", upstream: "debian:12" }, api: { image: "api", after: "base" } },
};
const pipeline = pipelineOf(document);
const seen = (letter: string): Event => ({
  kind: "upstreamsLookedUp",
  newRunId: "p.run-1",
  digests: [{ image: "library/debian:12", digest: digestOf(letter), platforms: null }],
});

test.each<[string, Event[], string | null]>([
  ["by hand", [started()], null],
  [
    "by a commit",
    [
      started({
        cause: "source",
        seen: { name: "source acme/images main", value: "1f2e3d4c5b6a".padEnd(40, "0") },
      }),
    ],
    "acme/images main is at 1f2e3d4c5b6a",
  ],
  [
    "by another pipeline",
    [started({ cause: "upstream", seen: { name: "pipeline base", value: "base.run-7" } })],
    "pipeline base: base.run-7",
  ],
  ["by an upstream", [seen("a"), seen("b")], "library/debian:12 is sha256:bbbbbbbbbbbb now"],
  [
    "by a push",
    [
      {
        kind: "imagePushed",
        step: "base",
        pushedAt: null,
        digest: digestOf("c"),
        newRunId: "p.run-1",
      },
    ],
    "base is sha256:cccccccccccc now",
  ],
])("a run that is started %s says so", (_what, events, because) => {
  const { run } = play(
    pipeline,
    events.map((event, index) => [index * hour, event]),
  ).state;
  expect(run).toMatchObject({ status: "running", because });
});

test("a queued run keeps what caused it first", () => {
  const first = { cause: "source", seen: { name: "source acme/images main", value: "v1" } } as const;
  const queued = play(pipeline, [
    [0, started()],
    [second, started({ ...first, newRunId: "p.run-2" })],
    [2 * second, started({ ...first, seen: { ...first.seen, value: "v2" }, newRunId: "p.run-3" })],
  ]);
  expect(queued.state.queuedRun).toMatchObject({ id: "p.run-2", because: "source acme/images main: v1" });
});

test("the notice of a success says what was pushed", () => {
  const checking = pipelineOf({ ...document, confirm: "registry", notify: undefined });
  const telling = { ...checking, notify: [{ channel: "ops", on: ["succeeded" as const] }] };
  const pushedAs = (step: string, letter: string, on: string | null): Event => {
    const evidence: Evidence = {
      kind: "found",
      contradictions: [],
      pushed: {
        digest: digestOf(letter),
        platforms: [],
        standsOn:
          on === null
            ? []
            : [{ base: { kind: "step", step: "base" }, digest: digestOf(on), verdict: "proven" }],
      },
    };
    const answer = { kind: "found", digest: digestOf(letter) } as const;
    return { ...confirmed(step, answer, null, "p.run-2", digestOf(letter)), evidence } as Event;
  };
  const ended = play(telling, [
    [0, started()],
    [second, accepted("base")],
    [minute, pushedAs("base", "b", null)],
    [minute + second, accepted("api")],
    [2 * minute, pushedAs("api", "a", "b")],
  ]);
  expect(ended.state.run?.status).toBe("succeeded");
  const notices = ended.actions as ActionOf<"deliverOutboxEntry">[];
  expect(notices.map(({ entry }) => entry)).toMatchObject([
    { channel: null, pushed: [] },
    {
      channel: "ops",
      at: t0 + 2 * minute,
      pushed: [
        "base is sha256:bbbbbbbbbbbb now",
        "api is sha256:aaaaaaaaaaaa now, and stands on base@sha256:bbbbbbbbbbbb",
      ],
    },
  ]);
});
