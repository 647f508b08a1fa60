import { describe, expect, test } from "vitest";
import { noticeOf, testNotice } from "../../../shared/run/notice.ts";
import { hour, minute, pipelineOf, runId, t0 } from "./story.ts";

const chain = pipelineOf({
  image: "acme/x",
  schedule: { cron: "0 0 * * *", timezone: "Europe/Paris" },
  sequence: ["base", ["api", "web"], "latest"],
});
const unscheduled = { ...chain, schedule: null };
const buildUrl = "https://builds.example.org/7";
const failed = [
  { step: "api", reason: "the trigger is gone", attempts: 2, triedSince: t0 - hour, url: buildUrl },
];
const entry = { subject: "runFailed", runId, at: t0, since: t0, failed, pushed: [] as string[] } as const;

describe("the notice of a failure", () => {
  test("says what failed, what is not built because of it, and when the next run starts", () => {
    expect(noticeOf(chain, entry, "https://t.example.org", t0)).toEqual({
      id: `p.run-1/failed/${t0}`,
      subject: "failed",
      stepsLeftOut: 0,
      pipeline: "p",
      runId: "p.run-1",
      at: t0,
      since: t0,
      title: "p failed",
      steps: [
        { name: "api", reason: "the trigger is gone", attempts: 2, triedSince: t0 - hour, url: buildUrl },
      ],
      remarks: [
        "Not built because of that: latest.",
        "Since 2026-11-20 03:00 UTC.",
        "The next scheduled run starts at 2026-11-20 23:00 UTC. After fixing the cause, retry the run: tagrelay retry p.run-1.",
      ],
      url: "https://t.example.org/runs/p.run-1",
    });
  });

  test("says since when the pipeline has been failing, if this is not the first failure", () => {
    const { remarks } = noticeOf(unscheduled, { ...entry, since: t0 - 26 * hour }, null, t0);
    expect(remarks).toEqual([
      "Not built because of that: latest.",
      "Failing since 2026-11-19 01:00 UTC.",
      "Nothing starts it again by itself. After fixing the cause, retry the run: tagrelay retry p.run-1.",
    ]);
  });

  test("says what starts the pipeline again without a schedule", () => {
    const source = {
      host: "github" as const,
      repository: "acme/api",
      branches: ["main"],
      tags: [],
      paths: [],
    };
    const followed = { ...unscheduled, after: ["base"], source };
    expect(noticeOf(followed, entry, null, t0).remarks.at(-1)).toMatch(
      /^The next success of base or the next push to acme\/api starts it again\. After fixing/,
    );
  });

  test("links to the build unless its reason does", () => {
    const told = [{ step: "api", reason: `GitLab: failed (${buildUrl})`, attempts: 1, url: buildUrl }];
    expect(noticeOf(chain, { ...entry, failed: told }, null, t0).steps[0]?.url).toBeNull();
  });

  test("names ten steps that are not built, and counts the others", () => {
    const wide = pipelineOf({
      image: "acme/x",
      sequence: ["api", Array.from({ length: 100 }, (_, n) => `t${n}`)],
    });
    expect(noticeOf(wide, entry, null, t0).remarks[0]).toBe(
      "Not built because of that: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 90 more.",
    );
  });

  test("keeps each reason on one line, without control characters or changes of text direction", () => {
    const reason = "a\r\nb\u2028c\u0000d\u001b[31m\u202ee \ud800";
    const { steps } = noticeOf(chain, { ...entry, failed: [{ step: "api", reason, attempts: 1 }] }, null, t0);
    expect(steps[0]?.reason).toBe("a b c d [31m e \ufffd");
  });

  test("is sent even if the pipeline is no longer configured", () => {
    const removed = { ...unscheduled, steps: [] };
    expect(noticeOf(removed, entry, null, t0)).toMatchObject({ title: "p failed", url: null });
  });
});

test("the notice of a stall says which steps wait, and that the run may still continue", () => {
  const stalled = { ...entry, subject: "runStalled", since: t0 - 30 * minute } as const;
  expect(noticeOf(chain, stalled, null, t0)).toMatchObject({
    subject: "stalled",
    title: "p is stalled",
    remarks: [
      "Waiting for that: latest.",
      "Failing since 2026-11-20 02:30 UTC.",
      expect.stringMatching(/^The run continues as soon as the image is pushed.*tagrelay cancel p\.run-1\.$/),
    ],
  });
});

test("the notice of a recovery says how long the pipeline was failing", () => {
  const recovered = { subject: "runRecovered", since: t0 - 90 * minute } as const;
  expect(noticeOf(chain, { ...entry, ...recovered, failed: [] }, null, t0)).toMatchObject({
    title: "p recovered",
    steps: [],
    remarks: ["It had been failing since 2026-11-20 01:30 UTC, for 1h 30m."],
  });
});

test("the notices of a success and a cancellation need no remarks", () => {
  for (const [subject, title] of [
    ["runSucceeded", "p succeeded"],
    ["runCancelled", "p was cancelled"],
  ] as const) {
    expect(noticeOf(chain, { ...entry, subject, failed: [] }, null, t0)).toMatchObject({
      title,
      remarks: [],
    });
  }
});

test("a repeated notice keeps its id, and each end of the run has its own", () => {
  const idOf = (change: object, now: number) => noticeOf(chain, { ...entry, ...change }, null, now).id;
  expect(idOf({}, t0 + hour)).toBe(idOf({}, t0));
  const ids = [idOf({}, t0), idOf({ at: t0 + 1 }, t0), idOf({ subject: "runStalled" }, t0)];
  expect(new Set(ids).size).toBe(3);
});

test("a test notice says that it is one", () => {
  expect(testNotice("ops", null, t0)).toMatchObject({
    subject: "test",
    title: "Test of the channel ops",
    pipeline: null,
    runId: null,
  });
});

test("the notice of a success says what was pushed, and what it stands on", () => {
  const pushed = [
    "base is sha256:0123456789ab now",
    "api is sha256:ba9876543210 now, and stands on base@sha256:0123456789ab",
  ];
  const remarksOf = (subject: "runSucceeded" | "runRecovered", since: number | null) =>
    noticeOf(chain, { ...entry, subject, since, failed: [], pushed }, null, t0).remarks;
  expect(remarksOf("runSucceeded", null)).toEqual(pushed);
  expect(remarksOf("runRecovered", t0 - hour)).toEqual([
    "It had been failing since 2026-11-20 02:00 UTC, for 1h 00m.",
    ...pushed,
  ]);
});
