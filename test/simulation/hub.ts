// A simulated Docker Hub: it takes triggers, builds, answers the tag API and sends webhooks, each as well as it does.
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Random } from "../random.ts";
import type { Faults } from "./faults.ts";
import type { Tell } from "./history.ts";
import type { Timeline } from "./timeline.ts";

export type HubPush = { image: string; at: number };

export type SimulatedHub = {
  answer: (outgoing: Outgoing) => Promise<Answer>;
  push: (image: string, why: string) => void;
  /** Sends a webhook, true or not. */
  tell: (image: string, pushedAt: number, delayMs: number) => void;
  pushes: HubPush[];
};

export type HubListener = {
  onTrigger: (image: string) => void;
  onAccepted: (image: string) => void;
  onWebhook: (body: unknown) => void;
  onLookUp: (image: string) => void;
  tell: Tell;
};

const minute = 60_000;
const hour = 60 * minute;

export function createSimulatedHub(
  timeline: Timeline,
  random: Random,
  faults: Faults,
  isReadable: (repository: string) => boolean,
  listener: HubListener,
): SimulatedHub {
  const pushes: HubPush[] = [];
  const building = new Set<string>();

  const tell = (image: string, pushedAt: number, delayMs: number) => {
    const [repo_name = "", tag = ""] = image.split(":");
    const pushed_at = random.next() < 0.7 ? Math.floor(pushedAt / 1000) : undefined;
    timeline.after(delayMs, () =>
      listener.onWebhook({ repository: { repo_name }, push_data: { tag, pushed_at } }),
    );
  };

  const push = (image: string, why: string) => {
    const at = timeline.now();
    listener.tell(() => `Docker Hub: ${image} is pushed (${why})`);
    pushes.push({ image, at });
    if (faults.happens("webhook is lost")) return;
    const copies = faults.happens("webhook is repeated") ? random.integer(2, 6) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faults.happens("webhook is delayed by hours") ? random.between(0, 6 * hour) : 0;
      tell(image, at, late + random.between(100, 5_000));
    }
  };

  const build = (image: string) => {
    if (building.has(image)) return;
    if (faults.happens("build fails") || faults.happens("build hangs")) return;
    const long = faults.happens("build takes five hours");
    building.add(image);
    timeline.after(long ? 5 * hour : random.between(2_000, 30 * minute), () => {
      building.delete(image);
      push(image, "built");
    });
  };

  const takeTrigger = (image: string): Answer => {
    if (faults.happens("trigger cannot be sent")) return { kind: "unsent", reason: "refused" };
    if (faults.happens("trigger is lost on the way")) return { kind: "unanswered", reason: "cut" };
    listener.onTrigger(image);
    if (faults.happens("trigger is redirected")) return answered(301);
    if (faults.happens("trigger is throttled")) return answered(429);
    if (faults.happens("trigger is throttled with Retry-After")) return answered(429, "", "90");
    if (faults.happens("trigger is refused")) return answered(503);
    if (faults.happens("trigger is ignored by a word")) return answered(200, "Ignored, build throttle");
    if (building.has(image)) return answered(200, "A build is already pending. Ignoring request.");
    listener.onAccepted(image);
    if (faults.happens("trigger is accepted and ignored")) return answered(202);
    build(image);
    if (faults.happens("trigger is accepted and its answer lost"))
      return { kind: "unanswered", reason: "cut" };
    return answered(202);
  };

  const tellTag = (repository: string, tag: string | undefined): Answer => {
    if (tag !== undefined) listener.onLookUp(`${repository}:${tag}`);
    if (faults.happens("look-up is not answered")) return { kind: "unanswered", reason: "no answer in time" };
    if (faults.happens("look-up is throttled")) return answered(429, "", "60");
    if (faults.happens("look-up fails")) return answered(500);
    if (!isReadable(repository)) return answered(404);
    if (tag === undefined) return answered(200, "{}");
    const shownAt = timeline.now() - (faults.happens("look-up lags") ? 20_000 : 0);
    const last = pushes.findLast(({ image, at }) => image === `${repository}:${tag}` && at <= shownAt);
    if (last === undefined) return answered(404);
    return answered(200, JSON.stringify({ tag_last_pushed: new Date(last.at).toISOString() }));
  };

  const answered = (status: number, text = "", retryAfter: string | null = null): Answer => {
    const headers: Record<string, string | null> = {
      date: new Date(timeline.now()).toUTCString(),
      "retry-after": retryAfter,
    };
    return { kind: "answered", status, text, header: (name) => headers[name] ?? null };
  };

  return {
    pushes,
    push,
    tell,
    answer: async ({ method, url, body }) => {
      const { pathname } = new URL(url);
      const trigger = /^\/u\/(.+)\/trigger\/[^/]+\/$/.exec(pathname);
      if (method === "POST" && trigger !== null) {
        const { docker_tag } = JSON.parse(body ?? "{}");
        return takeTrigger(`${trigger[1]}:${docker_tag}`);
      }
      const [, namespace, name, tag] =
        /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)(?:\/tags\/([^/]+))?$/.exec(pathname) ?? [];
      return tellTag(`${namespace}/${name}`, tag);
    },
  };
}
