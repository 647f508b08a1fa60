// One simulated world: one to three pipelines, some hours full of faults, and then a quiet end.
import { readCandidate } from "../../shared/image/candidate.ts";
import { imageName, splitImageName } from "../../shared/image/image.ts";
import type { RegistryWebhook } from "../../shared/kinds/registry.ts";
import { hasImage, imageSteps } from "../../shared/pipeline/pipeline.ts";
import { registryWebhooks } from "../../shared/registries/webhooks.ts";
import { receivePushes } from "../../shared/relay/receive-push.ts";
import { baseStepsOf } from "../../shared/run/bases.ts";
import { pipelineOfRunId } from "../../shared/run/run-id.ts";
import type { Run } from "../../shared/run/state.ts";
import { readState } from "../../shared/store/dynamodb/state-item.ts";
import { createRandom, type Random } from "../random.ts";
import { createBuilders } from "./builders.ts";
import { createNoticeServer } from "./channel.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import { createSimulatedEngine } from "./engine.ts";
import { likelihoods } from "./fault-likelihoods.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createSimulatedHub } from "./hub.ts";
import type { Instance, Surroundings } from "./instance.ts";
import { createInvariants, type Truth } from "./invariants/invariants.ts";
import { checkEverySlot, checkReleased } from "./invariants/slots.ts";
import { Violation } from "./invariants/violation.ts";
import { approveGates, keepSchedules, letPeopleAct } from "./people.ts";
import { drawDocuments, type PipelineDocument } from "./random-pipelines.ts";
import { createSimulatedRegistry, type RegistryAccess, type RegistryPush } from "./registry.ts";
import { changeSources } from "./sources.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createTrace, describePipeline, describeState } from "./trace.ts";

export type WorldOptions = {
  seed: number;
  /** Suppresses faults by their number. */
  isSuppressed?: (ordinal: number) => boolean;
  /** Gets the history, line by line. */
  print?: (line: string) => void;
};

export type WorldResult = { violation: string | null; faults: number; runs: number; triggers: number };

const minute = 60_000;
const hour = 60 * minute;
/** Six times what the longest of hundreds of worlds takes to come to rest once faults have ended. */
const endlessMs = 100 * hour;
/** A gate waits for 168 hours, and another one may come after it. */
const endlessWithGatesMs = 400 * hour;
const begin = Date.UTC(2026, 10, 20, 3);

export type RunWorld = typeof runWorld;

export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const random = createRandom(options.seed);
  const timeline = createTimeline(begin);
  const trace = createTrace(options.print ?? null, timeline.now);
  const isSuppressed = options.isSuppressed ?? (() => false);
  const faults = createFaults(random.split("faults"), likelihoods, isSuppressed, trace);

  const { documents, confirm, isHubReadable, access } = drawPipelines(random);
  const isReadable = (image: string) => (registry.has(image) ? access === "readable" : isHubReadable);
  const isBelieved = (image: string) => confirm === "webhook" || !isReadable(image);
  trace(
    () => `confirm: ${confirm}; Docker Hub is ${isHubReadable ? "" : "not "}readable; others are ${access}`,
  );

  let violation: string | null = null;
  const fail = (what: string) => {
    violation ??= what;
    trace(() => `VIOLATED: ${what}`);
  };
  const check = (claim: () => void) => {
    try {
      claim();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      fail(error.message);
    }
  };

  let caller: Instance | null = null;
  const asCaller = (claim: (instance: Instance) => void) => {
    const instance = caller;
    if (instance !== null) check(() => claim(instance));
  };
  const webhooks: Truth[] = [];
  const commandsDone: Truth[] = [];
  /** Until when webhooks of a repository may have been believed, because a look-up could not be sent. */
  const believedUntil = new Map<string, number>();
  const isTrue = ({ image, at }: Truth) =>
    isBelieved(image) || at <= (believedUntil.get(image.split(":")[0] ?? "") ?? 0);
  const believeUntilNow = (repository: string) => {
    if (confirm === "auto") believedUntil.set(repository, timeline.now());
  };
  const truths = (image: string) =>
    [...hub.pushes, ...registry.pushes.flatMap(instantsOf), ...webhooks.filter(isTrue), ...commandsDone]
      .filter((push) => push.image === image)
      .sort((one, other) => one.at - other.at);
  const invariants = createInvariants(timeline.now, truths, isReadable, {
    has: (image) => registry.has(image),
    layersOf: (digest) => registry.layersOf(digest),
    shownSince: (image, since) => registry.shownSince(image, since),
    wasUnreadSince: (since) => registry.wasUnreadSince(since),
    lastPush: (image) => registry.pushes.findLast((push) => push.image === image) ?? null,
  });
  let triggers = 0;

  const receive = (body: unknown, webhook: RegistryWebhook) => {
    trace(() => `webhook: ${JSON.stringify(body)}`);
    if (webhook.kind === "ignored") return;
    if (webhook.kind === "invalid") return fail("a webhook was not understood");
    const { pushes } = webhook;
    webhooks.push(...pushes.map(({ image }) => ({ image: imageName(image), at: timeline.now() })));
    deployment.invoke("webhook", ({ relay }) => receivePushes(relay, pushes));
  };
  const hub = createSimulatedHub(
    timeline,
    random.split("hub"),
    confirm === "webhook" || !isHubReadable ? truthful(faults) : faults,
    () => isHubReadable,
    {
      onLookUp: (image) => invariants.onLookUp(image),
      onUnsentLookUp: believeUntilNow,
      onWebhook: (body) => receive(body, registryWebhooks.dockerhub(body)),
      trace,
    },
  );
  const registry = createSimulatedRegistry(
    timeline,
    random.split("registry"),
    confirm === "webhook" || access !== "readable" ? truthful(faults) : faults,
    access,
    {
      onLookUp: (image) => invariants.onLookUp(image),
      onMove: (image, digest) => check(() => invariants.onMove(image, digest)),
      // Once it has answered, its webhooks are not believed any more.
      onUnsentLookUp: (image) => {
        if (!invariants.hasAnswered(image)) believeUntilNow(image.split(":")[0] ?? "");
      },
      onWebhook: (kind, body) => receive(body, registryWebhooks[kind](body)),
      trace,
    },
  );
  /** The image that the image is built FROM: that of the first step before it. */
  const baseOf = (image: string): string | null => {
    const steps = deployment
      .pipelines()
      .flatMap((pipeline) => imageSteps(pipeline).map((step) => ({ step, pipeline })));
    const found = steps.find(({ step }) => imageName(step.image) === image);
    const [base] = found === undefined ? [] : baseStepsOf(found.pipeline, found.step);
    return base === undefined ? null : imageName(base.image);
  };
  /** Half of the worlds have builders that build from what their trigger names. */
  const usesPins = random.split("pins").chance(0.5);
  const readBase = (image: string, named: string | null): string | null => {
    const candidate = readCandidate(splitImageName(image));
    const base = baseOf(candidate === null ? image : imageName(candidate.image));
    if (base === null || !registry.has(base) || !registry.has(image)) return null;
    const [name = "", pinned] = (named ?? "").split("@");
    if (candidate !== null) {
      if (faults.happens("builder does not pull")) return registry.pulled(base, false);
      return pinned ?? registry.pulled(name, false);
    }
    if (usesPins && pinned !== undefined) return pinned;
    return registry.pulled(base, faults.happens("builder does not pull"));
  };
  const push = (image: string, why: string, base = readBase(image, null)) =>
    registry.has(image) ? registry.push(image, why, base) : hub.push(image, why);
  const builders = createBuilders(timeline, random.split("builders"), faults, {
    onTrigger: (image, builder) => {
      triggers += 1;
      trace(() => `${caller?.name}: ${builder} gets the trigger of ${image}`);
      asCaller((instance) => invariants.onTrigger(instance, image));
    },
    onAccepted: (image) => {
      asCaller((instance) => invariants.onAccepted(instance, image));
      registry.pull(image);
    },
    push,
    readBase: ({ image, base }) => readBase(image, base),
    isVerified: (image) => registry.has(image) && confirm !== "webhook" && access === "readable",
    onCommandDone: ({ image }) => void commandsDone.push({ image, at: timeline.now() }),
    reportEnd: (build, end) => {
      const { runId, step, attempt } = build;
      trace(() => `report: build ${attempt} of ${step} of ${runId} ${end.kind}`);
      invariants.onReported(build, end);
      const pipeline = pipelineOfRunId(runId) ?? "";
      const event = { kind: "buildEnded", runId, step, attempt, end, random: random.next() } as const;
      deployment.apply(
        pipeline,
        () => event,
        ({ outcome }) => {
          if (outcome.kind === "advanced") invariants.onApplied(build, end);
        },
      );
    },
  });
  const noticeServer = createNoticeServer(timeline.now, faults, (notice) => {
    trace(() => `notice: ${notice.event} of ${notice.run}`);
    check(() => invariants.onDelivery(notice));
  });
  const engine = createSimulatedEngine(timeline.now);
  engine.indexLagMs = () => (faults.happens("index lags") ? random.between(0, 10_000) : 0);
  engine.onPut = (before, after) => {
    asCaller((instance) => invariants.onPut(instance, before, after));
    if (after.sk?.S?.startsWith("slot#")) check(() => invariants.onSlot(before, after, engine.items()));
    if (after.sk?.S !== "state") return;
    deployment.scheduleSweep();
    const { state } = readState(after);
    approveGates(stage, state);
    trace(() => `${caller?.name} saves ${describeState(state)}`);
  };

  const isOneMachine = random.split("one machine").chance(0.25);
  if (isOneMachine) trace(() => "one process on one machine");
  const surroundings: Surroundings = {
    isOneMachine,
    timeline,
    random,
    faults,
    engine,
    answer: (outgoing) =>
      builders.answer(outgoing) ??
      registry.answer(outgoing) ??
      noticeServer(outgoing) ??
      hub.answer(outgoing),
    stopCommand: builders.stop,
    trace,
    isStoreDown: createOutages(timeline, random, faults),
    setCaller: (instance) => {
      caller = instance;
    },
    log: (instance, entry) => {
      if (entry.event === "notice") invariants.onNotice(String(entry.run), String(entry.subject));
      if (entry.event === "image.lookedAt" && entry.reason !== undefined) registry.noteUnread();
      if (entry.event === "webhook") trace(() => `${instance.name}: ${entry.outcome} ${entry.reason ?? ""}`);
    },
  };
  const deployment = createDeployment(documents, surroundings, random, invariants, fail);
  for (const pipeline of deployment.pipelines()) trace(() => `pipeline ${describePipeline(pipeline)}`);

  const quietAt = begin + random.pick([2, 4, 8]) * hour;
  const stage = {
    ...{ timeline, random, faults, hub, registry, push, builders, deployment, invariants, isBelieved, check },
  };
  keepSchedules(stage, quietAt);
  changeSources(stage, quietAt);
  timeline.after(minute, () => letPeopleAct(stage, quietAt));
  const live = async (untilMs: number) => {
    while (violation === null && timeline.now() < untilMs) {
      await timeline.run(Math.min(untilMs, timeline.now() + hour));
      check(invariants.checkTime);
    }
  };
  await live(quietAt);

  trace(() => "no more faults");
  faults.stop();
  const quietSince = timeline.now() + minute;
  const settle = async (atLeastMs: number) => {
    const hasGates = deployment.pipelines().some(({ steps }) => !steps.every(hasImage));
    const endAt = timeline.now() + (hasGates ? endlessWithGatesMs : endlessMs);
    await live(timeline.now() + atLeastMs);
    while (deployment.isBusy() && violation === null) {
      await live(timeline.now() + hour);
      if (timeline.now() > endAt) fail("something stays open forever");
    }
  };
  // By then, webhooks that were delayed by hours have arrived.
  await settle(12 * hour);

  // Later runs would hide a violation.
  check(invariants.checkQueuedRuns);
  check(() => invariants.checkFollowers(deployment.pipelines()));
  if (violation === null) {
    trace(() => "one more run of each pipeline must succeed");
    await succeedOnceMore(
      deployment,
      () => settle(hour),
      (name) => {
        const state = invariants.stateOf(name);
        const mayFail = isHiddenFailure(
          state?.run ?? null,
          (image, since) => !isBelieved(image) && registry.hidesPushes(image, since),
        );
        return { id: state?.run?.id, status: state?.run?.status, mayFail, description: describeState(state) };
      },
      fail,
    );
    check(() => invariants.checkFollowers(deployment.pipelines()));
    check(() => checkReleased(engine.items(), quietSince));
    await checkEverySlot(stage, invariants.highestLimits(), live);
    check(() => invariants.checkEnd(engine.items(), deployment.pipelines()));
  }
  return { violation, faults: faults.count(), runs: invariants.runs(), triggers };
}

function drawPipelines(random: Random) {
  const confirm = random.pick<PipelineDocument["confirm"]>(["hub", "auto", "auto", "webhook"]);
  const isHubReadable = confirm === "hub" || random.next() < 0.6;
  const accesses = ["readable", "readable", "refused", "unreachable"] as const;
  const access: RegistryAccess = confirm === "hub" ? "readable" : random.split("access").pick(accesses);
  const documents = drawDocuments(random, confirm, access === "readable");
  return { documents, confirm, isHubReadable, access };
}

/** A push may count from when it is made or, if the registry lags, from when it is shown. */
function instantsOf({ image, at, shownAt }: RegistryPush): Truth[] {
  return [
    { image, at },
    { image, at: shownAt },
  ];
}

/** If webhooks cannot be confirmed, the relay cannot tell a webhook that is hours late from a new one. */
function truthful(faults: Faults): Faults {
  const happens = (name: string) => name !== "webhook is delayed by hours" && faults.happens(name);
  return { ...faults, happens };
}

function createOutages(timeline: Timeline, random: Random, faults: Faults): () => boolean {
  let downUntil = 0;
  return () => {
    if (faults.happens("store is gone for minutes"))
      downUntil = timeline.now() + random.between(0, 10 * minute);
    return timeline.now() < downUntil;
  };
}

/** Nothing shows the push of a rebuild that changed no digest, if its webhook tells none. */
function isHiddenFailure(run: Run | null, hidesPushes: (image: string, since: number) => boolean): boolean {
  if (run?.status !== "failed") return false;
  return run.steps.every(
    (step) =>
      step.state !== "failed" ||
      (step.reason.startsWith("not pushed in time") &&
        step.triggeredAt !== null &&
        step.image !== null &&
        hidesPushes(step.image, step.triggeredAt)),
  );
}

type Last = { id: string | undefined; status: string | undefined; mayFail: boolean; description: string };

async function succeedOnceMore(
  deployment: Deployment,
  live: () => Promise<void>,
  lastOf: (pipeline: string) => Last,
  fail: (violation: string) => void,
): Promise<void> {
  const names = deployment.pipelines().map(({ name }) => name);
  const before = new Map(names.map((name) => [name, lastOf(name).id]));
  for (const name of names) deployment.start(name);
  await live();
  for (const name of names) {
    const { id, status, mayFail, description } = lastOf(name);
    if ((status !== "succeeded" && !mayFail) || id === before.get(name)) {
      fail(`without faults, a run of ${name} does not succeed: ${description}`);
    }
  }
}
