// Whatever a reason contains, a message is within the limits of the channel's API.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { discordMessage } from "../../../shared/channels/discord/send.ts";
import { entryOf } from "../../../shared/channels/eventbridge/entry.ts";
import { gotifyMessage } from "../../../shared/channels/gotify/send.ts";
import { matrixMessage } from "../../../shared/channels/matrix/send.ts";
import { ntfyMessage } from "../../../shared/channels/ntfy/send.ts";
import { pushoverMessage } from "../../../shared/channels/pushover/send.ts";
import type { ChannelName } from "../../../shared/channels/settings.ts";
import { slackMessage } from "../../../shared/channels/slack/send.ts";
import { mailText } from "../../../shared/channels/smtp/send.ts";
import { snsMessage } from "../../../shared/channels/sns/send.ts";
import { teamsMessage } from "../../../shared/channels/teams/send.ts";
import { telegramMessage } from "../../../shared/channels/telegram/send.ts";
import { webhookBody } from "../../../shared/channels/webhook/webhook-body.ts";
import type { Notice } from "../../../shared/kinds/channel.ts";
import { noticeOf } from "../../../shared/run/notice.ts";
import { subjects as allSubjects } from "../../../shared/run/state.ts";
import { failure } from "../../stand-ins/notices.ts";
import { pipelineOf, runId, t0 } from "../run/story.ts";

const hard = fc.constantFrom(
  "&",
  "<",
  ">",
  "*",
  "`",
  '"',
  "\\",
  "😀",
  "€",
  "\ud800",
  "\u0000",
  "\n",
  "@everyone ",
  "<!channel>",
  "https://a.example/_",
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.tuple(hard, fc.integer({ min: 1, max: 6_000 })).map(([one, times]) => one.repeat(times)),
);
const failures = fc.array(
  fc.record({
    step: fc.string({ minLength: 1, maxLength: 200 }),
    reason: text,
    attempts: fc.nat(10),
    triedSince: fc.constant(t0),
    url: fc.nat(3_000).map((length) => `https://b.example.org/${"u_".repeat(length)}`),
  }),
  { maxLength: 60 },
);
const subjects = fc.constantFrom(...allSubjects);

const pipeline = pipelineOf({
  sequence: Array.from({ length: 60 }, (_, n) => `acme/${"x".repeat(90)}:${n}`),
});
const notices: fc.Arbitrary<Notice> = fc
  .record({
    subject: subjects,
    failed: failures,
    failedLeftOut: fc.nat(1_000),
    url: fc.constantFrom(null, "https://t.example.org", `https://t.example.org/${"u".repeat(3_000)}`),
  })
  .map(({ subject, failed, failedLeftOut, url }) =>
    noticeOf(
      pipeline,
      {
        subject,
        failed,
        failedLeftOut,
        pushed: failed.map(({ step }) => step).slice(0, 11),
        runId,
        at: t0,
        since: t0 - 1e9,
      },
      url,
      t0,
    ),
  );

const check = (claim: (notice: Notice) => void) => fc.assert(fc.property(notices, claim), { numRuns: 150 });

describe("any notice is within the limits of", () => {
  test("Slack: a header of 150 characters, 50 blocks, sections of 1 to 3,000", () => {
    check((notice) => {
      const { blocks } = slackMessage(notice);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const { type, text: block } of blocks) {
        expect(block.text.length).toBeGreaterThan(0);
        expect(block.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3_000);
      }
    });
  });

  test("Discord: a title of 256 characters, a description of 4,096, a URL of 2,048", () => {
    check((notice) => {
      for (const { title, description, url } of discordMessage(notice).embeds) {
        expect(title.length).toBeLessThanOrEqual(256);
        expect(description?.length ?? 0).toBeLessThanOrEqual(4_096);
        expect(url?.length ?? 0).toBeLessThanOrEqual(2_048);
      }
    });
  });

  test("Teams: a message of 28 KB", () => {
    check((notice) => {
      expect(Buffer.byteLength(JSON.stringify(teamsMessage(notice)))).toBeLessThan(28_000);
    });
  });

  test("SNS: a subject of 1 to 100 ASCII characters on one line, a message of 256 KB", () => {
    check((notice) => {
      const message = snsMessage(notice);
      expect(message.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
      expect(Buffer.byteLength(message.text)).toBeLessThan(256 * 1024);
    });
  });

  test("Telegram: 4,096 characters, with every tag closed", () => {
    check((notice) => {
      const { text } = telegramMessage(notice);
      expect(text.length).toBeLessThanOrEqual(4_096);
      expect(text.replace(/<b>[^<]*<\/b>|<a href="[^"<]*">[^<]*<\/a>/g, "")).not.toMatch(/[<>]/);
    });
  });

  test("Matrix: an event of 64 KiB, with room for what the homeserver adds", () => {
    check((notice) => {
      expect(Buffer.byteLength(JSON.stringify(matrixMessage(notice)))).toBeLessThan(60_000);
    });
  });

  test("ntfy: a message of 4,096 bytes that is not empty", () => {
    check((notice) => {
      const { message, title } = ntfyMessage(notice);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
      expect([message, title]).not.toContain("");
      expect(Buffer.byteLength(JSON.stringify(ntfyMessage(notice)))).toBeLessThan(16_384);
    });
  });

  test("Gotify: a message that is not empty", () => {
    check((notice) => {
      expect(gotifyMessage(notice).message).not.toBe("");
      expect(gotifyMessage(notice).message.length).toBeLessThanOrEqual(4_000);
    });
  });

  test("Pushover: 250 characters of title, 1 to 1,024 of message, 512 of URL", () => {
    check((notice) => {
      const { title, message, url } = pushoverMessage(notice);
      expect(title.length).toBeLessThanOrEqual(250);
      expect(message.length).toBeGreaterThan(0);
      expect(message.length).toBeLessThanOrEqual(1_024);
      expect(url?.length ?? 0).toBeLessThanOrEqual(512);
    });
  });

  test("mail: a subject of one line, which fits into a header", () => {
    check((notice) => {
      const { subject, text } = mailText(notice);
      expect(subject).toMatch(/^[^\r\n]{1,200}$/u);
      expect(text.length).toBeGreaterThan(0);
    });
  });

  test("a webhook: well-formed JSON, no reason over 2,000 characters", () => {
    check((notice) => {
      const body = webhookBody(notice);
      expect(JSON.stringify(body).isWellFormed()).toBe(true);
      for (const { reason } of body.steps) expect(reason.length).toBeLessThanOrEqual(2_000);
    });
  });
});

test("a notice with only a title works in each channel, without empty parts", () => {
  const entry = { subject: "runSucceeded", runId, at: t0, since: null } as const;
  const notice = noticeOf(pipeline, { ...entry, failed: [], pushed: [] }, "https://t.example.org", t0);
  expect(slackMessage(notice).blocks).toHaveLength(2);
  expect(discordMessage(notice).embeds[0]).not.toHaveProperty("description");
  expect(teamsMessage(notice).attachments[0]?.content.body).toHaveLength(1);
  expect(snsMessage(notice).text).toBe("p succeeded\n\nhttps://t.example.org/runs/p.run-1");
});

const writers: Record<ChannelName, (notice: Notice) => object | string> = {
  slack: slackMessage,
  discord: discordMessage,
  teams: teamsMessage,
  telegram: telegramMessage,
  matrix: matrixMessage,
  ntfy: ntfyMessage,
  gotify: gotifyMessage,
  pushover: pushoverMessage,
  smtp: mailText,
  sns: snsMessage,
  eventbridge: (notice) => entryOf("default", notice),
  webhook: webhookBody,
};

test.each(Object.entries(writers))("%s is told how many steps a notice leaves out", (_kind, write) => {
  expect(JSON.stringify(write({ ...failure, stepsLeftOut: 995 }))).toContain("and 995 more");
});
