import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";

const sequence = ["acme/p:1"];
const channels = {
  ops: { slack: { secret: "OPS_URL" } },
  mail: { sns: {}, on: ["failed", "failed", "succeeded"] },
};
const defaultNotices = ["failed", "stalled", "recovered", "approval"];
const notifyOf = (notify?: unknown) =>
  compileConfig({ channels, pipelines: { p: { sequence, ...(notify === undefined ? {} : { notify }) } } })
    .pipelines[0]?.notify;

function problemsOf(document: object): string[] {
  try {
    compileConfig({ pipelines: { p: { sequence } }, ...document });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

const ops = { channel: "ops", on: defaultNotices };
const mail = { channel: "mail", on: ["failed", "succeeded"] };

test("without channels, a pipeline notifies nobody", () => {
  const { pipelines, channels, url } = compileConfig({ pipelines: { p: { sequence } } });
  expect([pipelines[0]?.notify, channels, url]).toEqual([[], [], null]);
});

test("by default, a channel gets notices of failures, stalls, recoveries and approvals", () => {
  expect(compileConfig({ channels, pipelines: { p: { sequence } } }).channels).toEqual([
    { name: "ops", on: defaultNotices, to: { kind: "slack", secret: "OPS_URL" } },
    { name: "mail", on: ["failed", "succeeded"], to: { kind: "sns" } },
  ]);
});

test.each([
  [undefined, [ops, mail]],
  [[], []],
  [{}, []],
  ["mail", [mail]],
  [
    ["mail", "ops", "mail"],
    [mail, ops],
  ],
  [
    { ops: ["succeeded"], mail: ["failed", "stalled"] },
    [
      { channel: "ops", on: ["succeeded"] },
      { channel: "mail", on: ["failed", "stalled"] },
    ],
  ],
])("notify: %j becomes %j", (notify, expected) => {
  expect(notifyOf(notify)).toEqual(expected);
});

test.each([
  ["https://tagrelay.example.org/", "https://tagrelay.example.org"],
  ["http://10.0.0.5:8787", "http://10.0.0.5:8787"],
  ["https://example.org/tagrelay//", "https://example.org/tagrelay"],
])("url: %s becomes %s", (url, expected) => {
  expect(compileConfig({ url, pipelines: { p: { sequence } } }).url).toBe(expected);
});

const kinds =
  '"slack", "discord", "teams", "telegram", "matrix", "ntfy", "gotify", "pushover", "smtp", "sns", "eventbridge" or "webhook"';

describe("an error names the path, what was expected and what was found:", () => {
  test.each<[unknown, string]>([
    [{}, `channels.x: expected one of ${kinds}, found none`],
    [{ on: ["failed"] }, `channels.x: expected one of ${kinds}, found none`],
    [
      { slack: { secret: "A" }, discord: { secret: "B" } },
      `channels.x: expected one of ${kinds}, found more`,
    ],
    [{ slak: { secret: "A" } }, 'channels.x: unknown key "slak"; did you mean "slack"?'],
    [{ slack: { secret: "A" }, onn: [] }, 'channels.x: unknown key "onn"; did you mean "on"?'],
    [{ slack: { secret: "A", url: "B" } }, 'channels.x.slack: unknown key "url"; known keys: secret'],
    [{ slack: { secret: "A" }, on: [] }, "channels.x.on: expected a list of at least 1, found an empty list"],
    [
      { slack: { secret: "A" }, on: ["faild"] },
      'channels.x.on[0]: expected "failed" or "stalled" or "recovered" or "succeeded" or "stale" or "approval", found "faild"',
    ],
    [
      { sns: { topic: "ops" } },
      'channels.x.sns.topic: expected the ARN of a topic such as arn:aws:sns:eu-west-1:123456789012:ops, found "ops"',
    ],
    [
      { webhook: { url: "ops.example.org" } },
      'channels.x.webhook.url: expected a URL such as https://ops.example.org/tagrelay, found "ops.example.org"',
    ],
    [
      { webhook: { url: "http://10.0.0.1/x" } },
      "channels.x.webhook.url: expected an https URL (or http on this machine), found another",
    ],
    [{ ntfy: {} }, 'channels.x.ntfy: expected either "topic" or "topicSecret", found both or none'],
    [
      { telegram: { secret: "A", chat: "acme" } },
      'channels.x.telegram.chat: expected the id of a chat such as -1001234567890, or the name of a public channel such as @acme_ops, found "acme"',
    ],
    [
      { matrix: { url: "https://m.example.org", room: "#ops:example.org", secret: "A" } },
      'channels.x.matrix.room: expected the id of a room such as !abcdef:example.org, as its settings show it, found "#ops:example.org"',
    ],
    [
      { smtp: { host: "smtp.example.org", from: "a@example.org", to: "ops" } },
      'channels.x.smtp.to: expected an e-mail address such as ops@example.org, found "ops"',
    ],
    [
      { smtp: { host: "smtp.example.org", from: "a@example.org", to: ["b@example.org"], username: "me" } },
      'channels.x.smtp: expected "username" and "secret" together, found one of them',
    ],
    [
      {
        smtp: {
          host: "smtp.example.org",
          from: "a@example.org",
          to: "b@example.org",
          username: "me",
          secret: "A",
          security: "none",
        },
      },
      "channels.x.smtp: expected tls or starttls for a login, found security: none, which sends the password in the clear",
    ],
    [null, "channels.x: expected a map, found nothing (null)"],
  ])("channel %j", (channel, problem) => {
    expect(problemsOf({ channels: { x: channel } })).toEqual([problem]);
  });

  test.each<[unknown, string]>([
    ["opps", 'notify: expected a channel defined under "channels", found "opps"; did you mean "ops"?'],
    [["ops", "x"], 'notify[1]: expected a channel defined under "channels", found "x"'],
    [
      { opps: ["failed"] },
      'notify.opps: expected a channel defined under "channels", found "opps"; did you mean "ops"?',
    ],
    [
      { ops: ["faild"] },
      'notify.ops[0]: expected "failed" or "stalled" or "recovered" or "succeeded" or "stale" or "approval", found "faild"',
    ],
    [
      true,
      "notify: expected a channel, a list of channels, or the notices of each channel: { ops: [failed] }, found the boolean true",
    ],
  ])("notify: %j", (notify, problem) => {
    expect(problemsOf({ channels, pipelines: { p: { sequence, notify } } })).toEqual([
      `pipelines.p.${problem}`,
    ]);
  });

  test.each(["tagrelay.example.org", "https://a@b.example", "https://a.example/?x", "ftp://a.example"])(
    "url: %s",
    (url) => {
      expect(problemsOf({ url })).toEqual([
        `url: expected a URL such as https://tagrelay.example.org, found "${url}"`,
      ]);
    },
  );
});

test("all errors are reported at once, and a channel with errors is not also unknown", () => {
  expect(
    problemsOf({
      channels: { "a b": { sns: {} }, broken: { slack: {} } },
      url: "x",
      pipelines: { p: { sequence, notify: ["broken", "gone"] } },
    }).map((line) => line.split(":")[0]),
  ).toEqual(["pipelines.p.notify[1]", "channels.a b", "channels.broken.slack.secret", "url"]);
});

test("an error does not repeat a webhook URL that was written in place of a secret's name", () => {
  const address = "https://hooks.slack.com/services/T/B/token-9";
  const problems = problemsOf({
    channels: { a: { slack: address }, b: { slack: { secret: address } }, c: { discord: address } },
  });
  expect(problems).toHaveLength(3);
  expect(problems.join("\n")).not.toContain("token-9");
});
