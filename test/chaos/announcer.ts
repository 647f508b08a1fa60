// Sends the webhooks of pushes: one to six times each, and sometimes not at all.
import { request } from "node:http";
import type { Random } from "../random.ts";
import { webhookSecret } from "../stand-ins/program.ts";

export type Announcer = {
  announce: (image: string, pushedAt: number) => void;
  counts: { pushes: number; unannounced: number; sent: number; repeated: number; unanswered: number };
  /** Wrong answers of the program. */
  problems: string[];
  /** From now on, each push has exactly one webhook. */
  calmDown: () => void;
};

const neverShare = 0.05;
const maxAnswerMs = 20_000;

export function createAnnouncer(random: Random, port: number, lateShare: number): Announcer {
  const counts = { pushes: 0, unannounced: 0, sent: 0, repeated: 0, unanswered: 0 };
  const problems: string[] = [];
  let calm = false;

  const send = async (body: string) => {
    counts.sent += 1;
    const status = await post(port, `/hooks/dockerhub/${webhookSecret}`, body).catch(() => null);
    if (status === null || status === 503) counts.unanswered += 1;
    else if (status !== 200) problems.push(`expected 200 for a webhook, found ${status}: ${body}`);
  };

  const drawDelayMs = (copy: number) => {
    if (copy === 0) return random.integer(0, 60);
    return random.chance(lateShare) ? random.integer(2_000, 120_000) : random.integer(0, 1_500);
  };

  return {
    announce: (image, pushedAt) => {
      counts.pushes += 1;
      const copies = calm ? 1 : random.chance(neverShare) ? 0 : random.integer(1, 6);
      if (copies === 0) counts.unannounced += 1;
      const body = pushWebhook(image, drawPushedAt(random, pushedAt));
      for (let copy = 0; copy < copies; copy += 1) {
        if (copy > 0) counts.repeated += 1;
        // Late copies do not delay the end of the test.
        setTimeout(() => void send(body), drawDelayMs(copy)).unref();
      }
    },
    counts,
    problems,
    calmDown: () => {
      calm = true;
    },
  };
}

/** Docker Hub sends whole seconds, fractions or no time at all. */
function drawPushedAt(random: Random, pushedAt: number): number | null {
  if (random.chance(0.2)) return null;
  return random.chance(0.5) ? Math.floor(pushedAt / 1000) : pushedAt / 1000;
}

function pushWebhook(image: string, pushedAt: number | null): string {
  const [repository = "", tag = ""] = image.split(":");
  const time = pushedAt === null ? {} : { pushed_at: pushedAt };
  return JSON.stringify({ push_data: { tag, ...time }, repository: { repo_name: repository } });
}

/** Opens a new connection. Resolves once the status has arrived. */
function post(port: number, path: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const outgoing = request({ host: "127.0.0.1", port, path, method: "POST", headers, agent: false });
    outgoing.setTimeout(maxAnswerMs, () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      response.on("error", () => undefined);
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.end(body);
  });
}
