import { expect, test } from "vitest";
import type { Publish } from "../../../../shared/notify/channel.ts";
import { sns, snsMessage } from "../../../../shared/notify/sns/send.ts";
import { channelContext, failure } from "../../../stand-ins/notices.ts";

test("a failure is a mail with what failed, what comes of it, and where to see more", () => {
  expect(snsMessage(failure)).toEqual({
    subject: "Tagrelay: void-docker has failed",
    text: [
      "void-docker has failed",
      "",
      "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
      "Not built because of that: step-2, latest.",
      "",
      "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1",
    ].join("\n"),
  });
});

test("it goes to the topic that is named, or to the stack's own", async () => {
  const topics: (string | null)[] = [];
  const publish: Publish = async (topic) => {
    topics.push(topic);
    return { kind: "taken" };
  };
  await sns.send({}, failure, channelContext({}, publish));
  await sns.send({ topic: "arn:aws:sns:eu-west-1:123456789012:ops" }, failure, channelContext({}, publish));
  expect(topics).toEqual([null, "arn:aws:sns:eu-west-1:123456789012:ops"]);
});

test("where there is no AWS it is for a person to mend", async () => {
  expect(await sns.send({}, failure, channelContext({}))).toMatchObject({
    kind: "refused",
    isForPeople: true,
  });
});
