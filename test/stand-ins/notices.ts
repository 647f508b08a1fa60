// Notices for tests, and a context for channels that really sends requests.
import { createSendMail } from "../../functions/local/send-mail.ts";
import type { ChannelContext, Notice, Publish } from "../../shared/kinds/channel.ts";
import { createSend } from "../../shared/outgoing/send.ts";

export const at = Date.UTC(2026, 10, 21, 3);

export const failure: Notice = {
  id: "void-docker.20261121T020000000-k3f9a1/failed/1795230000000",
  subject: "failed",
  pipeline: "void-docker",
  runId: "void-docker.20261121T020000000-k3f9a1",
  at,
  since: at - 86_400_000,
  title: "void-docker failed",
  steps: [
    {
      name: "step-1",
      reason: "GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)",
      attempts: 2,
      triedSince: null,
      url: null,
    },
  ],
  stepsLeftOut: 0,
  remarks: ["Not built because of that: step-2, latest."],
  url: "https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1",
};

export const saying = (...reasons: string[]): Notice => ({
  ...failure,
  steps: reasons.map((reason, index) => ({
    name: `step-${index}`,
    reason,
    attempts: 1,
    triedSince: null,
    url: null,
  })),
});

export function channelContext(
  secrets: Readonly<Record<string, string>>,
  publish: Publish | null = null,
): ChannelContext {
  return {
    send: createSend(),
    readSecret: async (name) => secrets[name] ?? null,
    publish,
    sendMail: createSendMail(),
    keepsRunning: true,
    gapMs: 0,
    clock: () => at,
  };
}

/** A context whose requests for the real origin arrive at a stand-in, with the same path. */
export function contextAt(
  origin: string,
  standIn: string,
  secrets: Readonly<Record<string, string>>,
): ChannelContext {
  const context = channelContext(secrets);
  return {
    ...context,
    send: (outgoing) => {
      const { origin: asked, pathname, search } = new URL(outgoing.url);
      if (asked !== origin) throw new Error(`expected a request to ${origin}, found one to ${asked}`);
      return context.send({ ...outgoing, url: `${standIn}${pathname}${search}` });
    },
  };
}
