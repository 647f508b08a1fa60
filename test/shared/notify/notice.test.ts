import { describe, expect, test } from "vitest";
import { noticeOf, testNotice } from "../../../shared/notify/notice.ts";
import { hour, minute, pipelineOf, runId, t0 } from "../core/story.ts";

const chain = pipelineOf({
  image: "acme/x",
  schedule: { cron: "0 0 * * *", timezone: "Europe/Paris" },
  sequence: ["base", ["api", "web"], "latest"],
});
const unscheduled = { ...chain, schedule: null };
const failed = [{ step: "api", reason: "the trigger is gone", attempts: 2 }];
const errand = { subject: "runFailed", runId, at: t0, since: t0, failed } as const;

describe("a failure", () => {
  test("says what failed, what is not built because of that, and when it is tried next", () => {
    expect(noticeOf(chain, errand, "https://t.example.org", t0)).toEqual({
      id: `p.run-1/failed/${t0}`,
      subject: "failed",
      pipeline: "p",
      runId: "p.run-1",
      at: t0,
      since: t0,
      title: "p has failed",
      steps: [{ name: "api", reason: "the trigger is gone", attempts: 2 }],
      remarks: [
        "Not built because of that: latest.",
        "Its schedule starts the next run at 2026-11-20 23:00 UTC. Once the reason is seen to, the run can be retried: POST /api/runs/p.run-1/retry.",
      ],
      url: "https://t.example.org/runs/p.run-1",
    });
  });

  test("that is not the first one says since when", () => {
    const { remarks } = noticeOf(unscheduled, { ...errand, since: t0 - 26 * hour }, null, t0);
    expect(remarks).toEqual([
      "Not built because of that: latest.",
      "It has not been as it should be since 2026-11-19 01:00 UTC.",
      "Once the reason is seen to, the run can be retried: POST /api/runs/p.run-1/retry.",
    ]);
  });

  test("of which a hundred steps are not built names ten of them", () => {
    const wide = pipelineOf({
      image: "acme/x",
      sequence: ["api", Array.from({ length: 100 }, (_, n) => `t${n}`)],
    });
    expect(noticeOf(wide, errand, null, t0).remarks[0]).toBe(
      "Not built because of that: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 90 more.",
    );
  });

  test("has its reasons on one line, without what moves a terminal's or a text's direction", () => {
    const reason = "a\r\nb\u2028c\u0000d\u001b[31m\u202ee \ud800";
    const { steps } = noticeOf(
      chain,
      { ...errand, failed: [{ step: "api", reason, attempts: 1 }] },
      null,
      t0,
    );
    expect(steps[0]?.reason).toBe("a b c d [31m e \ufffd");
  });

  test("of a pipeline that is gone is told all the same", () => {
    const removed = { ...unscheduled, steps: [] };
    expect(noticeOf(removed, errand, null, t0)).toMatchObject({ title: "p has failed", url: null });
  });
});

test("a stall says what waits, and that it is still waited for", () => {
  const stalled = { ...errand, subject: "runStalled", since: t0 - 30 * minute } as const;
  expect(noticeOf(chain, stalled, null, t0)).toMatchObject({
    subject: "stalled",
    title: "p gets no further",
    remarks: [
      "What waits for that: latest.",
      "It has not been as it should be since 2026-11-20 02:30 UTC.",
      expect.stringContaining("It goes on as soon as the image is pushed"),
    ],
  });
});

test("a recovery says how long it took", () => {
  const recovered = { subject: "runRecovered", since: t0 - 90 * minute } as const;
  expect(noticeOf(chain, { ...errand, ...recovered, failed: [] }, null, t0)).toMatchObject({
    title: "p has recovered",
    steps: [],
    remarks: ["Since 2026-11-20 01:30 UTC, for 1h 30m, it had not been as it should be."],
  });
});

test("a success and a cancellation need no more words", () => {
  for (const [subject, title] of [
    ["runSucceeded", "p has succeeded"],
    ["runCancelled", "p was cancelled"],
  ] as const) {
    expect(noticeOf(chain, { ...errand, subject, failed: [] }, null, t0)).toMatchObject({
      title,
      remarks: [],
    });
  }
});

test("a notice has the same id however late it is told, and another for each end of the run", () => {
  const idOf = (change: object, now: number) => noticeOf(chain, { ...errand, ...change }, null, now).id;
  expect(idOf({}, t0 + hour)).toBe(idOf({}, t0));
  const ids = [idOf({}, t0), idOf({ at: t0 + 1 }, t0), idOf({ subject: "runStalled" }, t0)];
  expect(new Set(ids).size).toBe(3);
});

test("a test says that it is one", () => {
  expect(testNotice("ops", null, t0)).toMatchObject({
    subject: "test",
    title: "A test of the channel ops",
    pipeline: null,
    runId: null,
  });
});
