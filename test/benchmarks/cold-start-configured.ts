// Measures whether a function with many pipelines starts as fast as one with a single pipeline.
import { statSync } from "node:fs";
import { join } from "node:path";
import { packedFiles } from "../../functions/packed-config/packed-files.ts";
import { bundleOurs, configOf } from "./bundles.ts";
import { push, type Subject, scheduledStart, startOnce } from "./cold-start.ts";
import { atMost, count, figure, ms, type Section, times } from "./section.ts";
import { startServices } from "./services.ts";
import { median } from "./statistics.ts";
import { takeTurns } from "./take-turns.ts";

const sizes = [1, 100, 10_000] as const;
const starts = 16;

export type Configured = { pipelines: number; bytes: number; webhookMs: number; scheduleMs: number }[];

export async function measureConfigured(): Promise<Configured> {
  const services = await startServices();
  const subjects = new Map<string, Subject>();
  for (const size of sizes) {
    const configured = configOf(size);
    subjects.set(`webhook ${size}`, {
      bundle: bundleOurs("webhook", configured),
      event: push,
      triggers: true,
      before: services.putBack,
    });
    subjects.set(`schedule ${size}`, {
      bundle: bundleOurs("schedule", configured),
      event: scheduledStart,
      triggers: true,
      before: services.empty,
    });
  }
  const of = await takeTurns(subjects, starts, async (subject, name) => [
    await startOnce(services, name, subject),
  ]);
  const bytes = (size: number) =>
    statSync(join(subjects.get(`webhook ${size}`)?.bundle.directory ?? "", packedFiles.pipelines)).size;
  const found = sizes.map((size) => ({
    pipelines: size,
    bytes: bytes(size),
    webhookMs: median(of(`webhook ${size}`)),
    scheduleMs: median(of(`schedule ${size}`)),
  }));
  for (const { bundle } of subjects.values()) bundle.remove();
  await services.stop();
  return found;
}

export function reportConfigured(found: Configured): Section {
  const [one] = found;
  const many = found.at(-1);
  if (one === undefined || many === undefined) throw new Error("expected figures");
  return {
    title: "Cold start by pipelines configured",
    about: `Like the cold starts above, with this many pipelines of five steps; the median of ${starts}. A function parses only the
pipelines that it is asked for.`,
    tables: [
      {
        heads: [
          "pipelines",
          "configuration",
          "webhook to first trigger",
          "vs. one",
          "schedule to first trigger",
          "vs. one",
        ],
        rows: found.map(({ pipelines, bytes, webhookMs, scheduleMs }) => [
          count(pipelines),
          `${figure(bytes / 1_000)} KB`,
          ms(webhookMs),
          times(webhookMs / one.webhookMs),
          ms(scheduleMs),
          times(scheduleMs / one.scheduleMs),
        ]),
      },
    ],
    ratios: [
      {
        what: `cold start to trigger, ${count(many.pipelines)} pipelines configured, relative to 1`,
        value: many.webhookMs / one.webhookMs,
        target: atMost(1.1),
      },
    ],
  };
}
