// Sets up a chaos test: the program with its folder, Docker Hub, and a proxy in each direction.
import { createRandom, type Random } from "../random.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";
import { type Announcer, createAnnouncer } from "./announcer.ts";
import { drawPlan, type Plan, undisturbed } from "./faults.ts";
import { type Hub, startHub } from "./hub.ts";
import { createLives, type Lives } from "./lives.ts";
import type { Truth } from "./observed.ts";
import { type ChaosPipeline, makePipelines } from "./pipelines.ts";
import { createProgramLog, type ProgramLog } from "./program-log.ts";
import { type FaultyProxy, startProxy } from "./proxy.ts";
import { createRequestRecorder, type RequestRecorder } from "./record-requests.ts";
import { createSignal } from "./signal.ts";

export type ChaosOptions = {
  kills: number;
  seed: number;
  pipelines: number;
  /** The time-outs of the pipelines' steps, in turn. */
  timeoutsSeconds: readonly number[];
  /** The share of webhook copies that come so late that the pipeline's next run may have begun. */
  lateShare: number;
  /** The longest pause between two runs of a pipeline. */
  maxPauseMs: number;
  print: (line: string) => void;
};

export type World = {
  pipelines: readonly ChaosPipeline[];
  lives: Lives;
  hub: Hub;
  announcer: Announcer;
  toHub: FaultyProxy;
  toProgram: FaultyProxy;
  recorder: RequestRecorder;
  log: ProgramLog;
  truth: Truth;
  /** From now on, nothing is cut, delayed, duplicated or left out. */
  calmDown: () => void;
  close: () => Promise<void>;
};

const token = "chaos-trigger-token";

export async function startWorld(options: ChaosOptions): Promise<World> {
  const { seed, timeoutsSeconds, lateShare } = options;
  const pipelines = makePipelines(options.pipelines, timeoutsSeconds);
  const images = new Set(pipelines.flatMap(({ steps }) => steps.map(({ image }) => image)));
  const folder = makeFolder();
  const arrivals = createSignal();
  const log = createProgramLog();
  const recorder = createRequestRecorder();
  let calm = false;
  const planner = (random: Random) => (): Plan => (calm ? undisturbed : drawPlan(random));

  // Proxies and servers need each other's ports, so these are filled in once both exist.
  const place: { hub: Hub | null; lives: Lives | null } = { hub: null, lives: null };
  const mark = () => place.lives?.now() ?? 0;
  const toHub = await startProxy({
    target: () => place.hub?.port ?? null,
    plan: planner(createRandom(seed).split("to the hub")),
    mark,
    onRequest: recorder.onRequest,
  });
  const toProgram = await startProxy({
    target: () => portOf(place.lives?.origin() ?? null),
    plan: planner(createRandom(seed).split("to the program")),
    mark,
    onRequest: arrivals.notify,
  });
  const announcer = createAnnouncer(createRandom(seed).split("webhooks"), toProgram.port, lateShare);
  const hub = await startHub({
    random: createRandom(seed).split("builds"),
    token,
    knows: (image) => images.has(image),
    passageOf: toHub.passageOf,
    onTriggered: arrivals.notify,
    onPushed: announcer.announce,
  });
  const lives = createLives({
    folder,
    config: writeConfig(folder, pipelines),
    hubPort: toHub.port,
    token,
    random: createRandom(seed).split("kills"),
    log,
    arrivals,
  });
  Object.assign(place, { hub, lives });
  const { triggers, pushes } = hub;
  const { lookUps, cutTriggers } = recorder;
  const truth = {
    triggers,
    pushes,
    lookUps,
    cutTriggers,
    kills: lives.kills,
    wasLoggedAsAccepted: log.wasLoggedAsAccepted,
  };
  return {
    pipelines,
    lives,
    hub,
    announcer,
    toHub,
    toProgram,
    recorder,
    log,
    truth,
    calmDown: () => {
      calm = true;
      hub.calmDown();
      announcer.calmDown();
    },
    close: async () => {
      await Promise.all([toHub.close(), toProgram.close(), hub.close()]);
      folder.remove();
    },
  };
}

function writeConfig(folder: Folder, pipelines: readonly ChaosPipeline[]): string {
  return folder.config(Object.fromEntries(pipelines.map(({ name, document }) => [name, document])));
}

function portOf(origin: string | null): number | null {
  return origin === null ? null : Number(new URL(origin).port);
}
