// Serves the app with 500 pipelines, and with two of 200 steps: a wide graph that has failed and a chain under way. Looks at
// registries have found 500 images, most of them behind.
import { listen } from "../../functions/local/server/listen.ts";
import type { Run } from "../../shared/run/state.ts";
import type { Gallery } from "./gallery.ts";
import { keepRuns, type Past, pastRun } from "./past-runs.ts";
import { startFixture } from "./relay.ts";

const minute = 60_000;
const count = 500;

const nameOf = (index: number) => `service-${String(index).padStart(3, "0")}`;
const small = Array.from({ length: count - 2 }, (_, index) => [
  nameOf(index),
  {
    image: `registry.example.org/acme/${nameOf(index)}`,
    schedule: { cron: `${index % 60} ${index % 24} * * *` },
    sequence: ["base", ["api", "web"], "latest"],
  },
]);

/** Eight families below a base, each of three layers. */
const wide = Object.fromEntries([
  ["base", { image: "acme/wide:base" }],
  ...Array.from({ length: 199 }, (_, index) => {
    const layer = Math.floor(index / 67);
    const after = layer === 0 ? "base" : `image-${String(index - 67).padStart(3, "0")}`;
    const name = `image-${String(index).padStart(3, "0")}`;
    return [name, { image: `registry.example.org/acme/wide:${name}`, after }];
  }),
]);

export async function startLargeGallery(): Promise<Gallery> {
  const fixture = await startFixture({
    ...Object.fromEntries(small),
    wide: { steps: wide },
    long: { image: "acme/long", sequence: Array.from({ length: 200 }, (_, index) => `step-${index}`) },
  });
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
  const takesMs = (step: string) => (2 + (step.length % 3)) * minute;
  const built = { takesMs, buildOf: (id: string) => ({ id, url: `https://builds.example.org/acme/${id}` }) };
  const before = { ...built, startedAt: now - 2_000 * minute };
  for (const [index] of small.entries()) {
    if (index % 25 === 24) continue;
    const fails = index % 40 === 7 ? { fails: { step: "api", reason: "the command failed" } } : {};
    const running = index % 12 === 3 ? { startedAt: now - 5 * minute, now } : {};
    await keep(nameOf(index), [{ ...before, ...fails, ...running }]);
  }
  const reason = "the push of registry.example.org/acme/wide:image-023 did not come within 5h 00m";
  await keep("wide", [
    before,
    { ...built, startedAt: now - 90 * minute, fails: { step: "image-023", reason } },
  ]);
  await keep("long", [before, { ...built, startedAt: now - 300 * minute, now }]);
  const look = async (name: string, isBehind: boolean) => {
    const loaded = await relay.store.load(name);
    const steps = relay.pipelines.get(name)?.steps ?? [];
    const images = (isBehind ? steps : []).map((step, index) => ({
      step: step.name,
      ...(index === 0
        ? ({ state: "stale", because: "stands on another version of library/debian:12" } as const)
        : ({ state: "behind", because: `${steps[0]?.name} is stale` } as const)),
      since: now - (3_000 + index) * minute,
    }));
    await relay.store.save(name, loaded, { ...loaded.state, look: { at: now - 400 * minute, images } }, null);
  };
  for (const name of ["wide", "long"]) await look(name, true);
  for (let index = 0; index < 25; index += 1) await look(nameOf(index), false);
  const server = await listen(fixture.app.fetch, "127.0.0.1", 0);
  const stop = async () => {
    await server.close();
    await fixture.stop();
  };
  return { ...fixture, stop, origin: server.origin, runs };
}
