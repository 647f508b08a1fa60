import { expect, test } from "vitest";
import { sns, snsMessage } from "../../../../shared/channels/sns/send.ts";
import type { Publish } from "../../../../shared/kinds/channel.ts";
import { channelContext, failure } from "../../../stand-ins/notices.ts";

test("a failure is a mail with the failed steps, the consequences and a link", () => {
  expect(snsMessage(failure)).toEqual({
    subject: "Tagrelay: void-docker failed",
    text: [
      "void-docker failed",
      "",
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
      "Not built because of that: step-2, latest.",
      "",
      "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1",
    ].join("\n"),
  });
});

test("it goes to the configured topic, or else to the stack's own", async () => {
  const topics: (string | null)[] = [];
  const publish: Publish = async (topic) => {
    topics.push(topic);
    return { kind: "delivered" };
  };
  await sns.send({}, failure, channelContext({}, publish));
  await sns.send({ topic: "arn:aws:sns:eu-west-1:123456789012:ops" }, failure, channelContext({}, publish));
  expect(topics).toEqual([null, "arn:aws:sns:eu-west-1:123456789012:ops"]);
});

test("outside of AWS it needs somebody's attention", async () => {
  expect(await sns.send({}, failure, channelContext({}))).toMatchObject({
    kind: "failed",
    needsAttention: true,
  });
});
