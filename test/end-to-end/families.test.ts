// Real families of images, from their Dockerfiles to the last push, with the real engine and real sockets.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../../shared/config/compile.ts";
import { imageNameOf } from "../../shared/pipeline/pipeline.ts";
import { apply } from "../../shared/relay/apply.ts";
import { receivePushes } from "../../shared/relay/receive-push.ts";
import { newRunId } from "../../shared/relay/relay.ts";
import { root, until } from "../stand-ins/program.ts";
import { type Fixture, startFixture } from "../stand-ins/relay.ts";

let fixture: Fixture | null = null;
afterEach(() => fixture?.stop());

function importFamily(name: string, ...options: string[]): Record<string, Record<string, unknown>> {
  const args = ["functions/cli/tagrelay.js", "import", join("test/fixtures", name), ...options];
  const text = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", stdio: "pipe" });
  return parse(text).pipelines;
}

/** Returns the family's steps, and its images in the order in which they were triggered and pushed. */
async function build(pipelines: Record<string, unknown>, maxParallel: number) {
  const [pipeline] = compileConfig({ pipelines }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  const { relay, hub } = await startFixture(pipelines).then((started) => {
    fixture = started;
    return started;
  });
  hub.isReadable = true;
  const happened: { image: string; what: "triggered" | "pushed" }[] = [];
  const received: Promise<unknown>[] = [];
  const building: (() => void)[] = [];
  let triggered = 0;
  /** Builds end when as many as allowed are under way, or after a while without new ones. */
  const endSome = () => {
    for (const end of building.splice(0)) setTimeout(end, 20 + Math.random() * 80);
  };
  hub.onAccepted = ({ path, tag }) => {
    const [, , namespace, name] = path.split("/");
    const repository = `${namespace}/${name}`;
    const image = `${repository}:${tag}`;
    happened.push({ image, what: "triggered" });
    triggered += 1;
    building.push(() => {
      happened.push({ image, what: "pushed" });
      hub.pushed.set(image, new Date().toISOString());
      received.push(receivePushes(relay, [{ image: { repository, tag }, digest: null, pushedAt: null }]));
    });
    const triggeredNow = triggered;
    if (building.length === maxParallel) endSome();
    else setTimeout(() => triggeredNow === triggered && endSome(), 500);
  };
  const start = { cause: "manual", from: null } as const;
  const newRun = newRunId(relay, pipeline);
  await apply(relay, pipeline, { kind: "runRequested", newRunId: newRun, ...start });
  const isOver = async () => (await relay.store.load(pipeline.name)).state.run?.status === "succeeded";
  await until(isOver, "the run succeeds");
  await Promise.all(received);
  return { steps: pipeline.steps, happened };
}

const mostAtOnce = (happened: readonly { what: "triggered" | "pushed" }[]) => {
  let now = 0;
  return Math.max(...happened.map(({ what }) => (now += what === "triggered" ? 1 : -1)));
};

test.each([
  ["docker-selenium", [], 18, 4],
  ["docker-stacks", ["--namespace", "jupyter"], 12, 3],
] as const)(
  "%s is imported and built: no image before its base, and as many at once as allowed",
  async (name, options, size, maxParallel) => {
    const pipelines = importFamily(name, ...options);
    const [[family, document] = ["", {}]] = Object.entries(pipelines);
    const { steps, happened } = await build({ [family]: { ...document, maxParallel } }, maxParallel);
    expect(steps).toHaveLength(size);
    expect(happened).toHaveLength(2 * size);
    const at = (image: string, what: "triggered" | "pushed") =>
      happened.findIndex((entry) => entry.image === image && entry.what === what);
    const images = new Map(steps.map((step) => [step.name, imageNameOf(step)]));
    for (const step of steps) {
      for (const before of step.after) {
        expect(at(images.get(before) ?? "", "pushed")).toBeLessThan(at(imageNameOf(step) ?? "", "triggered"));
      }
    }
    expect(mostAtOnce(happened)).toBe(maxParallel);
  },
  60_000,
);
