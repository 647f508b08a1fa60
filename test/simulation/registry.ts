// Two simulated registries that tell what a tag points to, but not when it was pushed: one whose webhooks report the digest
// and the time, and one whose webhooks report neither.
import { createHash } from "node:crypto";
import { readCandidate } from "../../shared/image/candidate.ts";
import { imageName, splitImageName, splitRepository } from "../../shared/image/image.ts";
import type { Answer, Outgoing } from "../../shared/outgoing/send.ts";
import type { Random } from "../random.ts";
import { createImages } from "../stand-ins/images.ts";
import { createAnswered, unanswered, unsent } from "./answers.ts";
import type { Faults } from "./faults.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** Its webhooks are like those of the CNCF registry. */
export const tellingRegistry = "registry.example.org";
/** Its webhooks are like those of Quay. */
export const silentRegistry = "quay.example.org";

/** `shownAt` is when its look-ups show the push, and `before` is what the tag pointed to. */
export type RegistryPush = {
  image: string;
  at: number;
  shownAt: number;
  digest: string;
  before: string;
  /** By the relay, which moved the tag. */
  isMove: boolean;
};

/** Whether look-ups are answered, refused, or cannot be sent at all. */
export type RegistryAccess = "readable" | "refused" | "unreachable";

export type SimulatedRegistry = {
  has: (image: string) => boolean;
  /** Null if the request is not for these registries. */
  answer: (outgoing: Outgoing) => Answer | null;
  push: (image: string, why: string, base: string | null) => void;
  /** What a builder gets that pulls the tag, and one that still has an earlier version; null if there is none. */
  pulled: (image: string, isOutdated: boolean) => string | null;
  /** The layers of an image, by its digest. */
  layersOf: (digest: string) => string[];
  /** What look-ups have shown for the image since then. */
  shownSince: (image: string, since: number) => string[];
  /** The relay gave up reading. */
  noteUnread: () => void;
  /** A request since then had no proper answer. */
  wasUnreadSince: (since: number) => boolean;
  /** A build fetches the image as it was, for its cache. Registries report that, too. */
  pull: (image: string) => void;
  /** A webhook with a made-up digest, with none, or one that repeats an old one. */
  forgeWebhook: (image: string) => void;
  /** No push changed what the tag points to since then, and the webhooks do not tell. */
  hidesPushes: (image: string, since: number) => boolean;
  pushes: RegistryPush[];
};

export type RegistryListener = {
  onWebhook: (kind: "distribution" | "quay", body: unknown) => void;
  onLookUp: (image: string) => void;
  /** The relay moves a tag. */
  onMove: (image: string, digest: string) => void;
  /** The look-up could not be sent. */
  onUnsentLookUp: (image: string) => void;
  trace: Trace;
};

const hour = 60 * 60_000;
const maxLagMs = 20_000;
const pullMs = 1_000;

export function createSimulatedRegistry(
  timeline: Timeline,
  random: Random,
  faults: Faults,
  access: RegistryAccess,
  listener: RegistryListener,
): SimulatedRegistry {
  const pushes: RegistryPush[] = [];
  const images = createImages();
  const answered = createAnswered(timeline.now);
  /** How often a build results in the same image as the one before it. This is no fault, so it never stops. */
  const identical = random.pick([0, 0.1, 0.4]);
  const has = (image: string) => [tellingRegistry, silentRegistry].includes(splitRepository(image).host);

  const send = (push: Pick<RegistryPush, "image" | "digest" | "at">, delayMs: number, isSilent: boolean) => {
    const [repository = "", tag = ""] = push.image.split(":");
    const { host, path } = splitRepository(repository);
    const target = { repository: path, tag, digest: push.digest };
    const timestamp = new Date(push.at).toISOString();
    timeline.after(delayMs, () => {
      if (host === silentRegistry)
        return listener.onWebhook("quay", { docker_url: repository, updated_tags: [tag] });
      const told = isSilent ? { target: { repository: path, tag } } : { target, timestamp };
      listener.onWebhook("distribution", { events: [{ action: "push", ...told, request: { host } }] });
    });
  };

  const push = (image: string, why: string, base: string | null) => {
    const earlier = pushes.filter((other) => other.image === image);
    const candidate = readCandidate(splitImageName(image));
    const ofTag =
      candidate === null ? earlier : pushes.filter((other) => other.image === imageName(candidate.image));
    record(image, nextDigest(image, earlier.length > 0 ? earlier : ofTag, base), why, false);
  };

  const record = (image: string, digest: string, why: string, isMove: boolean) => {
    const last = pushes.findLast((other) => other.image === image);
    const at = timeline.now();
    const lagMs = faults.happens("registry lags") ? random.between(0, maxLagMs) : 0;
    // What was once shown is not hidden again.
    const shownAt = Math.max(at + lagMs, last?.shownAt ?? 0);
    listener.trace(() => `registry: ${image} gets ${describe(digest)} (${why})`);
    pushes.push({ image, at, shownAt, digest, before: last?.digest ?? "absent", isMove });
    if (faults.happens("webhook is lost")) return;
    const copies = faults.happens("webhook is repeated") ? random.integer(2, 6) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faults.happens("webhook is delayed by hours") ? random.between(0, 6 * hour) : 0;
      send({ image, digest, at }, late + random.between(100, 5_000), false);
    }
  };

  const layers = new Map<string, string[]>();

  /** The layers of the base, and one of its own. With the same base, the image may be the same as before. */
  const nextDigest = (image: string, earlier: readonly RegistryPush[], base: string | null): string => {
    const below = base === null ? [] : (layers.get(base) ?? []);
    const last = layers.get(earlier.at(-1)?.digest ?? "");
    const isSame = last !== undefined && random.chance(identical);
    const isOld = !isSame && earlier.length > 0 && faults.happens("an old digest comes back");
    const old = isOld ? earlier[random.integer(0, earlier.length - 1)] : undefined;
    if (old !== undefined) return old.digest;
    const all = [...below, isSame ? (last.at(-1) ?? "") : `${image} ${earlier.length}`];
    const digest = images.push(image, all);
    layers.set(digest, all);
    return digest;
  };

  let unreadAt = Number.NEGATIVE_INFINITY;
  const read = (image: string, method: string): Answer => {
    const answer = tryToRead(image, method);
    if (answer.kind !== "answered" || ![200, 404].includes(answer.status)) unreadAt = timeline.now();
    return answer;
  };

  const tryToRead = (image: string, method: string): Answer => {
    if (access === "unreachable" || faults.happens("look-up cannot be sent")) {
      listener.onUnsentLookUp(image);
      return unsent;
    }
    if (faults.happens("look-up is not answered")) return unanswered;
    if (faults.happens("look-up is throttled")) return answered(429, "", { "retry-after": "60" });
    if (faults.happens("look-up fails")) return answered(500);
    if (access === "refused") return answered(403);
    const shown = pushes.findLast((other) => other.image === image && other.shownAt <= timeline.now());
    const [, digest = shown?.digest] = image.split("@");
    const document = digest === undefined ? null : images.manifest("", digest);
    if (document === null) return answered(404);
    const headers = { "docker-content-digest": document.digest, "content-type": document.type };
    return answered(200, method === "HEAD" ? "" : document.text, headers);
  };

  const move = (image: string, text: string): Answer => {
    if (faults.happens("move cannot be sent")) return unsent;
    if (faults.happens("move is refused")) return answered(403);
    if (faults.happens("move fails")) return answered(503);
    const digest = digestOf(text);
    if (images.manifest("", digest) === null) return answered(400);
    listener.onMove(image, digest);
    record(image, digest, "moved", true);
    return faults.happens("move's answer is lost") ? unanswered : answered(201);
  };

  const pull = (image: string) => {
    const last = pushes.findLast((other) => other.image === image);
    const [repository = "", tag = ""] = image.split(":");
    const { host, path } = splitRepository(repository);
    if (host !== tellingRegistry || last === undefined) return;
    timeline.after(pullMs, () => {
      const timestamp = new Date(timeline.now()).toISOString();
      const of = { timestamp, request: { host } };
      const manifest = { ...of, action: "pull", target: { repository: path, tag, digest: last.digest } };
      const blob = { ...of, action: "push", target: { repository: path, digest: digestOf("a layer") } };
      listener.onWebhook("distribution", { events: [manifest, blob] });
    });
  };

  return {
    has,
    pushes,
    push,
    pulled: (image, isOutdated) => {
      const all = pushes.filter((other) => other.image === image);
      return (isOutdated ? all.at(-2) : all.at(-1))?.digest ?? null;
    },
    layersOf: (digest) => layers.get(digest) ?? [],
    shownSince: (image, since) => {
      const all = pushes.filter((other) => other.image === image && other.shownAt <= timeline.now());
      const first = all.findLastIndex(({ shownAt }) => shownAt <= since);
      return [...new Set(all.slice(Math.max(0, first)).map(({ digest }) => digest))];
    },
    noteUnread: () => {
      unreadAt = timeline.now();
    },
    wasUnreadSince: (since) => unreadAt >= since,
    pull,
    forgeWebhook: (image) => {
      const old = pushes.filter((other) => other.image === image);
      const repeated = old[random.integer(0, old.length - 1)];
      const kind = random.pick(["made up", "silent", "repeated"]);
      listener.trace(() => `someone forges a webhook of ${image} (${kind})`);
      if (kind === "repeated" && repeated !== undefined) send(repeated, 0, false);
      else
        send(
          { image, digest: digestOf(`forged ${random.next()}`), at: timeline.now() },
          0,
          kind === "silent",
        );
    },
    hidesPushes: (image, since) =>
      splitRepository(image).host === silentRegistry &&
      pushes
        .filter((other) => other.image === image && other.at >= since)
        .every(({ digest, before }) => digest === before),
    answer: ({ method, url, body }) => {
      const { host, pathname } = new URL(url);
      const [, path = "", kind, reference = ""] =
        /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
      if (!has(`${host}/${path}`)) return null;
      if (kind === "blobs") return answered(200, images.blob(reference)?.text ?? "");
      if (method === "PUT") return move(`${host}/${path}:${reference}`, String(body));
      const isTag = !reference.includes(":");
      const image = `${host}/${path}${isTag ? ":" : "@"}${reference}`;
      if (isTag) listener.onLookUp(image);
      return read(image, method);
    },
  };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Short enough for a history. */
function describe(digest: string): string {
  return digest.slice(0, "sha256:".length + 8);
}
