// A simulated Docker Hub, which also stands in for all other builders: a real HTTP server that builds nothing, but
// answers triggers and look-ups, takes a while for each build, and sends the webhook of its push.
import { setTimeout as sleep } from "node:timers/promises";
import type { Send } from "../../../shared/outgoing/send.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { listen } from "../server/listen.ts";
import { loadBuilds, type SimulatedBuild, saveBuilds } from "./builds.ts";
import { inOneWrite } from "./in-one-write.ts";
import { limitParallel } from "./limit-parallel.ts";
import { sendPushWebhook, type WebhookUrl } from "./push-webhook.ts";
import { createRoutes } from "./routes.ts";

export type SimulatedHubOptions = {
  /** The file with the builds. */
  path: string;
  pipelines: readonly Pipeline[];
  buildMs: (image: string) => number;
  webhookUrl: WebhookUrl;
  send: Send;
};

export type SimulatedHub = {
  origin: string;
  /** Continues the builds of an earlier start. */
  start: () => void;
  stop: () => Promise<void>;
};

export async function createSimulatedHub(options: SimulatedHubOptions): Promise<SimulatedHub> {
  const stopping = new AbortController();
  const { startBuild, pushedAtOf, continueBuilds } = createBuildQueue(options, stopping.signal);
  const app = createRoutes(options.pipelines, startBuild, pushedAtOf);
  const server = await listen(app.fetch, "127.0.0.1", 0);
  return {
    origin: server.origin,
    start: continueBuilds,
    stop: async () => {
      stopping.abort();
      await server.close();
    },
  };
}

const retryMs = 1_000;
/** Hundreds of builds may end at once, and the program refuses more requests than it can keep. */
const maxWebhooks = 50;

function createBuildQueue({ path, buildMs, send, webhookUrl }: SimulatedHubOptions, stopping: AbortSignal) {
  const state = loadBuilds(path);
  const save = inOneWrite(() => saveBuilds(path, state));
  const sendInTurn = limitParallel(maxWebhooks);
  const wait = (ms: number) => sleep(ms, undefined, { signal: stopping });

  /** While the disk takes no more, builds wait; they are not forgotten. */
  const saveInTheEnd = async (): Promise<void> => {
    for (;;) {
      try {
        return await save();
      } catch {
        await wait(retryMs);
      }
    }
  };

  const finish = async (build: SimulatedBuild): Promise<void> => {
    const { image } = build;
    await wait(Math.max(0, build.endsAt - Date.now()));
    const pushedAt = build.pushedAt ?? Date.now();
    build.pushedAt = pushedAt;
    state.pushes = [...state.pushes.filter((push) => push.image !== image), { image, pushedAt }];
    await saveInTheEnd();
    while (!(await sendInTurn(() => sendPushWebhook(send, webhookUrl, image, pushedAt)))) await wait(retryMs);
    state.builds = state.builds.filter((other) => other !== build);
    await saveInTheEnd();
  };
  // It fails only because the program stops; the next start continues the build.
  const run = (build: SimulatedBuild) => void finish(build).catch(() => undefined);

  /** False if a build of the image is under way already. Rejects if it could not be saved, and then there is none. */
  const startBuild = async (image: string): Promise<boolean> => {
    if (state.builds.some((build) => build.image === image && build.pushedAt === null)) return false;
    const build: SimulatedBuild = { image, endsAt: Date.now() + buildMs(image), pushedAt: null };
    state.builds = [...state.builds, build];
    try {
      await save();
    } catch (error) {
      state.builds = state.builds.filter((other) => other !== build);
      throw error;
    }
    run(build);
    return true;
  };
  const pushedAtOf = (image: string) => state.pushes.find((push) => push.image === image)?.pushedAt ?? null;
  return { startBuild, pushedAtOf, continueBuilds: () => state.builds.forEach(run) };
}
