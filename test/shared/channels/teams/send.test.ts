import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { teams, teamsMessage } from "../../../../shared/channels/teams/send.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: AnyServer;
beforeAll(async () => {
  server = await startAnyServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = answering(202);
});
afterAll(() => server.close());

const path =
  "/powerautomate/automations/direct/workflows/0123/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=token-9";
const send = () =>
  teams.send({ secret: "TEAM_URL" }, failure, channelContext({ TEAM_URL: `${server.origin}${path}` }));
const textsOf = (message: ReturnType<typeof teamsMessage>) =>
  message.attachments[0]?.content.body.flatMap(({ inlines }) => inlines.map(({ text }) => text));

test("a failure is an Adaptive Card, in the envelope that a workflow expects, with a button that opens the run", async () => {
  expect(await send()).toEqual({ kind: "delivered" });
  expect(server.asked).toMatchObject([{ method: "POST", path }]);
  const message = JSON.parse(server.asked[0]?.body ?? "");
  expect(message).toMatchObject({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          type: "AdaptiveCard",
          version: "1.4",
          actions: [{ type: "Action.OpenUrl", url: failure.url }],
        },
      },
    ],
  });
  expect(textsOf(message)).toEqual([
    "void-docker failed",
    "• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
    "Not built because of that: step-2, latest.",
  ]);
});

test("a reason is in text runs, which have no mark-up", () => {
  const message = teamsMessage(saying("**a** [b](https://evil.example) <at>c</at>"));
  expect(textsOf(message)?.[1]).toBe("• step-0: **a** [b](https://evil.example) <at>c</at>");
  const types = message.attachments[0]?.content.body.map(({ type }) => type);
  expect(new Set(types)).toEqual(new Set(["RichTextBlock"]));
});

test.each([
  [400, "WorkflowTriggerIsNotEnabled"],
  [401, "DirectApiAuthorizationRequired"],
  [404, "WorkflowNotFound"],
])("%i %s needs somebody's attention: the workflow is turned off or deleted", async (status, code) => {
  server.answer = answering(status, JSON.stringify({ error: { code, message: "…" } }));
  expect(await send()).toMatchObject({
    kind: "failed",
    reason: expect.stringMatching(
      /^Microsoft Teams answered \d+: .*; check that the workflow is turned on, or create a new one and put its URL into TEAM_URL$/,
    ),
    needsAttention: true,
  });
});
