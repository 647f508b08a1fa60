// A simulated Docker Hub: accepts pushes, sends webhooks and answers the tag API, as unreliably as the real one.
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Random } from "../random.ts";
import { createAnswered, unsent } from "./answers.ts";
import type { Faults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

export type HubPush = { image: string; at: number };

export type SimulatedHub = {
  /** Answers the tag API. */
  answer: (outgoing: Outgoing) => Answer;
  push: (image: string, why: string) => void;
  /** Sends a webhook, true or forged. */
  sendWebhook: (image: string, pushedAt: number, delayMs: number) => void;
  pushes: HubPush[];
};

export type HubListener = {
  onWebhook: (body: unknown) => void;
  onLookUp: (image: string) => void;
  /** The look-up could not be sent. */
  onUnsentLookUp: (repository: string) => void;
  trace: Trace;
};

const hour = 60 * 60_000;

export function createSimulatedHub(
  timeline: Timeline,
  random: Random,
  faults: Faults,
  isReadable: (repository: string) => boolean,
  listener: HubListener,
): SimulatedHub {
  const pushes: HubPush[] = [];
  const answered = createAnswered(timeline.now);

  const sendWebhook = (image: string, pushedAt: number, delayMs: number) => {
    const [repo_name = "", tag = ""] = image.split(":");
    const pushed_at = random.next() < 0.7 ? Math.floor(pushedAt / 1000) : undefined;
    timeline.after(delayMs, () =>
      listener.onWebhook({ repository: { repo_name }, push_data: { tag, pushed_at } }),
    );
  };

  const push = (image: string, why: string) => {
    const at = timeline.now();
    listener.trace(() => `Docker Hub: ${image} gets a push (${why})`);
    pushes.push({ image, at });
    if (faults.happens("webhook is lost")) return;
    const copies = faults.happens("webhook is repeated") ? random.integer(2, 6) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faults.happens("webhook is delayed by hours") ? random.between(0, 6 * hour) : 0;
      sendWebhook(image, at, late + random.between(100, 5_000));
    }
  };

  const answerTag = (repository: string, tag: string | undefined): Answer => {
    if (tag !== undefined) listener.onLookUp(`${repository}:${tag}`);
    if (faults.happens("look-up cannot be sent")) {
      listener.onUnsentLookUp(repository);
      return unsent;
    }
    if (faults.happens("look-up is not answered")) return { kind: "unanswered", reason: "no answer in time" };
    if (faults.happens("look-up is throttled")) return answered(429, "", { "retry-after": "60" });
    if (faults.happens("look-up fails")) return answered(500);
    if (!isReadable(repository)) return answered(404);
    if (tag === undefined) return answered(200, "{}");
    const shownAt = timeline.now() - (faults.happens("look-up lags") ? 20_000 : 0);
    const last = pushes.findLast(({ image, at }) => image === `${repository}:${tag}` && at <= shownAt);
    if (last === undefined) return answered(404);
    return answered(200, JSON.stringify({ tag_last_pushed: new Date(last.at).toISOString() }));
  };

  return {
    pushes,
    push,
    sendWebhook,
    answer: ({ url }) => {
      const [, namespace, name, tag] =
        /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)(?:\/tags\/([^/]+))?$/.exec(
          new URL(url).pathname,
        ) ?? [];
      return answerTag(`${namespace}/${name}`, tag);
    },
  };
}
