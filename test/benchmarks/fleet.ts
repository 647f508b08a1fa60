// Measures the time to fresh: from the push of a base to the last image of its family. Tagrelay's own code runs, against a
// stand-in for the builder, on a clock that jumps from event to event; the other ways are computed.
import { pushWebhook } from "../stand-ins/docker-hub.ts";
import { readJson } from "../stand-ins/json.ts";
import { type Fixture, startFixture, webhookSecret } from "../stand-ins/relay.ts";
import { type FamilyImage, family } from "./family.ts";
import { atMost, type Section, times } from "./section.ts";
import { asSoonAsPossible, levelByLevel, nightlySpread } from "./time-to-fresh.ts";

const second = 1_000;
/** Assumed, and the same in all ways: how long a build waits for a machine. */
const queueMs = 20 * second;
/** Assumed: from the push until the registry's webhook arrives. */
export const webhookMs = 2 * second;
/** Assumed: from the end of a job until the next job of the same workflow is queued, and of a workflow until the next one is. */
const needsMs = 3 * second;
const workflowRunMs = 15 * second;

export type Fleet = {
  images: number;
  criticalPathMs: number;
  withQueueMs: number;
  tagrelayMs: number;
  needsMs: number;
  workflowRunMs: number;
  nightly: { best: number; mean: number; worst: number };
};

export async function measureFleet(): Promise<Fleet> {
  return {
    images: family.length,
    criticalPathMs: asSoonAsPossible(family, { queueMs: 0, betweenMs: 0 }),
    withQueueMs: asSoonAsPossible(family, { queueMs, betweenMs: 0 }),
    tagrelayMs: await runTagrelay(family),
    needsMs: asSoonAsPossible(family, { queueMs, betweenMs: needsMs }),
    workflowRunMs: levelByLevel(family, { queueMs, betweenMs: workflowRunMs }),
    nightly: nightlySpread(family, queueMs),
  };
}

const repository = (name: string) => `selenium/${name}`;

/** One repository for each image, as Selenium has; the push of the base comes from outside of any run. */
async function runTagrelay(images: readonly FamilyImage[]): Promise<number> {
  const steps = images.map(({ name, after }) => [
    name,
    { image: `${repository(name)}:latest`, ...(after === null ? {} : { after }) },
  ]);
  const fixture = await startFixture({ family: { confirm: "webhook", steps: Object.fromEntries(steps) } });
  const pushes: { name: string; at: number }[] = [{ name: "base", at: 0 }];
  const fresh = new Map<string, number>();
  let now = 0;
  for (let push = pushes.shift(); push !== undefined; push = pushes.shift()) {
    fresh.set(push.name, push.at);
    fixture.later(push.at + webhookMs - now);
    now = push.at + webhookMs;
    const before = fixture.hub.triggers.length;
    await sendPush(fixture, push.name);
    for (const { path } of fixture.hub.triggers.slice(before)) {
      const image = images.find(({ name }) => path.includes(`/${repository(name)}/`));
      if (image === undefined) throw new Error(`expected a trigger of the family, found ${path}`);
      pushes.push({ name: image.name, at: now + queueMs + image.takesMs });
    }
    pushes.sort((one, other) => one.at - other.at);
  }
  await fixture.stop();
  if (fresh.size !== images.length) {
    throw new Error(`expected pushes of ${images.length} images, found ${fresh.size}`);
  }
  return Math.max(...fresh.values());
}

async function sendPush({ app }: Fixture, name: string): Promise<void> {
  const response = await app.request(`/hooks/dockerhub/${webhookSecret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: pushWebhook(repository(name), "latest"),
  });
  const { outcome } = await readJson(response);
  if (outcome !== "advanced") throw new Error(`expected that the push of ${name} advances, found ${outcome}`);
}

export function reportFleet(fleet: Fleet): Section {
  const { criticalPathMs, nightly } = fleet;
  const row = (what: string, ms: number) => [what, minutes(ms), times(ms / criticalPathMs)];
  const ratio = (what: string, limitMs: number) => ({
    what: `time to fresh of ${fleet.images} images, ${what}`,
    value: fleet.tagrelayMs / limitMs,
  });
  return {
    title: "Time to fresh",
    about: `From the push of a base to the push of the last of ${fleet.images} images, in the shape of Selenium's family. The durations are assumed
(\`test/benchmarks/family.ts\`), and so are these: each build waits ${queueMs / second} s for a machine; a registry's webhook comes after ${webhookMs / second} s; a job
that \`needs\` another is queued ${needsMs / second} s after it, and a workflow ${workflowRunMs / second} s after the one that it waits for. For Tagrelay, its own code
runs with a stand-in for the builder, on a clock that jumps from push to push; the rest is computed. The critical path is what
cannot be beaten: the slowest chain of builds, without any wait.

Jobs that \`need\` one another are as quick as Tagrelay, if all images are built by one workflow in one repository. A workflow for
each level waits for the slowest image of the level before, and GitHub allows no more than three of them after the first.
A cron job for each level, an hour after the one before, depends on when the base is pushed.`,
    tables: [
      {
        heads: ["way", "time to fresh", "relative to the critical path"],
        rows: [
          row("the critical path", criticalPathMs),
          row("the critical path, with the wait for machines", fleet.withQueueMs),
          row("**Tagrelay**", fleet.tagrelayMs),
          row("one workflow, jobs with `needs`", fleet.needsMs),
          row("a workflow for each level, `workflow_run`", fleet.workflowRunMs),
          row("nightly cron, an hour for each level: the best minute of the day", nightly.best),
          row("nightly cron: the mean over the day", nightly.mean),
          row("nightly cron: the worst minute of the day", nightly.worst),
        ],
      },
    ],
    ratios: [
      { ...ratio("relative to the critical path", criticalPathMs), target: null },
      { ...ratio("relative to it with the wait for machines", fleet.withQueueMs), target: atMost(1.02) },
      { ...ratio("relative to a nightly cron", nightly.mean), target: null },
    ],
  };
}

function minutes(ms: number): string {
  const all = Math.round(ms / second);
  const hours = Math.floor(all / 3_600);
  const rest = `${Math.floor((all % 3_600) / 60)} min ${all % 60} s`;
  return hours === 0 ? rest : `${hours} h ${rest}`;
}
