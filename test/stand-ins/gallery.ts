// Serves the app with pipelines of every shape and in every state, for tests of its pages.
import { listen } from "../../functions/local/server/listen.ts";
import type { Commands } from "../../shared/kinds/builder.ts";
import type { Look, Run } from "../../shared/run/state.ts";
import { keepRuns, type Past, pastRun } from "./past-runs.ts";
import { type Fixture, startFixture } from "./relay.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const browsers = ["chrome", "chromium", "edge", "firefox"];

export const galleryPipelines = {
  "void-docker": {
    image: "maddouri/void-docker",
    schedule: { cron: "0 0 * * *", timezone: "Europe/Paris" },
    sequence: ["init", "step-1", "step-2", "step-3", "latest"],
  },
  selenium: {
    after: "void-docker",
    source: { github: "SeleniumHQ/docker-selenium", branch: "trunk" },
    upstream: "ubuntu:noble",
    maxParallel: 6,
    steps: {
      base: { image: "selenium/base:latest" },
      ...Object.fromEntries(
        ["hub", "router", "sessions", "distributor", "event-bus"].map((name) => [
          name,
          { image: `selenium/${name}:latest`, after: "base" },
        ]),
      ),
      "node-base": { image: "selenium/node-base:latest", after: "base" },
      ...Object.fromEntries(
        browsers.flatMap((name) => [
          [`node-${name}`, { image: `selenium/node-${name}:latest`, after: "node-base" }],
          [
            `standalone-${name}`,
            { image: `selenium/standalone-${name}:latest`, after: [`node-${name}`, "base"] },
          ],
        ]),
      ),
      "node-docker": { image: "selenium/node-docker:latest", after: "node-base" },
    },
  },
  family: {
    schedule: { every: "6h" },
    sequence: ["acme/base:latest", ["acme/api:latest", "acme/web:latest"]],
  },
  tools: {
    trigger: { command: { run: "docker build ." } },
    sequence: ["acme/compiler:14", "acme/toolchain:14"],
  },
  release: {
    promote: "together",
    trigger: { http: { url: "https://ci.example.org/builds", body: { image: "{image}", pins: "{pins}" } } },
    steps: {
      base: { image: "ghcr.io/acme/base:2" },
      api: { image: "ghcr.io/acme/api:2", after: "base" },
      scan: { gate: true, after: "api", trigger: { command: { run: "trivy image {base}" } } },
      "sign-off": { gate: true, after: "scan" },
    },
  },
  nightly: { sequence: ["acme/nightly:edge"] },
};

export type Gallery = Fixture & { origin: string; runs: Map<string, Run> };

const output = `#7 [3/5] RUN apt-get install --yes cmake ninja-build
#7 4.812 E: Unable to locate package ninja-build
#7 ERROR: process "/bin/sh -c apt-get install" did not complete successfully: exit code: 100
`;

const commands: Commands = {
  run: async () => ({ kind: "accepted", build: null }),
  stop: async () => undefined,
  readOutput: async (_run, step) => (step === "acme/toolchain:14" ? output : null),
};

export async function startGallery(): Promise<Gallery> {
  const fixture = await startFixture(galleryPipelines, {}, { commands });
  const { relay } = fixture;
  const now = relay.clock();
  const runs = new Map<string, Run>();
  const keep = async (name: string, pasts: readonly Past[]) => {
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) throw new Error(`expected pipeline ${name}, found none`);
    const made = pasts.map((past) => pastRun(pipeline, past));
    await keepRuns(relay.store, pipeline, made);
    const last = made.at(-1);
    if (last !== undefined) runs.set(name, last);
  };

  const growing = (age: number) => (_step: string, index: number) =>
    Math.round(
      ([9, 14, 22, 11, 6][index] ?? 8) * minute * (1 + (index === 2 ? (30 - age) / 26 : 0)) +
        ((age * 7919 + index * 104_729) % 97_000),
    );
  await keep("void-docker", [
    ...Array.from({ length: 30 }, (_, index) => 30 - index).map(
      (age): Past => ({
        startedAt: now - age * day - 3 * hour,
        takesMs: growing(age),
        ...(age === 11
          ? { fails: { step: "step-2", reason: "no push within 5h 00m, after 2 attempts" } }
          : {}),
        ...(age === 10 ? { cause: "manual" as const } : {}),
      }),
    ),
    { startedAt: now - 38 * minute, takesMs: growing(0), now },
  ]);
  const grown = (age: number) => (step: string) =>
    Math.round(
      (3 + (step.length % 7)) * minute * (step.startsWith("node-") ? 1.7 - age / 20 : 1) +
        ((step.charCodeAt(step.length - 2) * 7919 + age * 3571) % 53_000),
    );
  await keep("selenium", [
    ...[12, 11, 9, 7, 6, 5, 4, 2, 1].map(
      (age): Past => ({
        startedAt: now - age * day - age * hour,
        cause: age % 3 === 0 ? "upstream" : "source",
        takesMs: grown(age),
        ...(age === 6
          ? { fails: { step: "node-firefox", reason: "GitHub answered 422 to the trigger" } }
          : {}),
      }),
    ),
    {
      startedAt: now - 23 * minute,
      cause: "upstream",
      takesMs: grown(0),
      now,
      buildOf: (step) => ({ id: String(1_000 + step.length), url: `https://builds.example.org/${step}` }),
    },
  ]);
  await keep("family", [{ startedAt: now - 3 * hour, takesMs: (_step, index) => (index + 2) * minute }]);
  const family = await relay.store.load("family");
  const look: Look = {
    at: now - 40 * minute,
    images: [
      {
        step: "acme/base:latest",
        state: "stale",
        since: now - 3 * day,
        because: "stands on another version of library/debian:12, which is sha256:3f1d9c2b7a60 now",
      },
      {
        step: "acme/web:latest",
        state: "behind",
        since: now - 3 * day,
        because: "acme/base:latest is stale",
      },
    ],
  };
  await relay.store.save("family", family, { ...family.state, look }, null);
  await keep("release", [
    {
      startedAt: now - 41 * minute,
      cause: "source",
      takesMs: (step) => (step === "sign-off" ? hour : 7 * minute),
      now,
    },
  ]);
  await keep("tools", [
    {
      startedAt: now - 50 * minute,
      cause: "manual",
      takesMs: () => 4 * minute,
      fails: { step: "acme/toolchain:14", reason: "the command ended with exit status 100" },
    },
  ]);
  const server = await listen(fixture.app.fetch, "127.0.0.1", 0);
  const stop = async () => {
    await server.close();
    await fixture.stop();
  };
  return { ...fixture, stop, origin: server.origin, runs };
}
