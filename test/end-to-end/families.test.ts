// Families of images as people have them, from their Dockerfiles to the last push, on the real engine and real sockets.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../../shared/core/compile.ts";
import { imageName } from "../../shared/core/image.ts";
import { apply } from "../../shared/relay/apply.ts";
import { receivePush } from "../../shared/relay/receive-push.ts";
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

/** The family's steps, and the images in the order in which they were asked for and pushed. */
async function build(pipelines: Record<string, unknown>, maxParallel: number) {
  const [pipeline] = compileConfig({ pipelines }).pipelines;
  if (pipeline === undefined) throw new Error("expected a pipeline");
  const { relay, hub } = await startFixture(pipelines).then((started) => {
    fixture = started;
    return started;
  });
  hub.isReadable = true;
  const told: { image: string; what: "asked" | "pushed" }[] = [];
  const received: Promise<unknown>[] = [];
  const building: (() => void)[] = [];
  let asked = 0;
  /** Builds end when so many are under way as may be, or after a while. */
  const endSome = () => {
    for (const end of building.splice(0)) setTimeout(end, 20 + Math.random() * 80);
  };
  hub.onAccepted = ({ path, tag }) => {
    const [, , namespace, name] = path.split("/");
    const repository = `${namespace}/${name}`;
    const image = `${repository}:${tag}`;
    told.push({ image, what: "asked" });
    asked += 1;
    building.push(() => {
      told.push({ image, what: "pushed" });
      hub.pushed.set(image, new Date().toISOString());
      received.push(receivePush(relay, { kind: "push", image: { repository, tag }, pushedAt: null }));
    });
    const askedNow = asked;
    if (building.length === maxParallel) endSome();
    else setTimeout(() => askedNow === asked && endSome(), 1_000);
  };
  const start = { cause: "manual", from: null, scheduledFor: null, news: null } as const;
  const newRun = newRunId(relay, pipeline);
  await apply(relay, pipeline, { kind: "runRequested", newRunId: newRun, ...start });
  const isOver = async () => (await relay.store.load(pipeline.name)).state.run?.status === "succeeded";
  await until(isOver, "the run succeeds");
  await Promise.all(received);
  return { steps: pipeline.steps, told };
}

const mostAtOnce = (told: readonly { what: "asked" | "pushed" }[]) => {
  let now = 0;
  return Math.max(...told.map(({ what }) => (now += what === "asked" ? 1 : -1)));
};

test.each([
  ["docker-selenium", [], 18, 4],
  ["docker-stacks", [], 12, 3],
] as const)(
  "%s is imported and built, no image before its base, so many at once as it may be",
  async (name, options, size, maxParallel) => {
    const pipelines = importFamily(name, ...options);
    const [[family, document] = ["", {}]] = Object.entries(pipelines);
    const { steps, told } = await build({ [family]: { ...document, maxParallel } }, maxParallel);
    expect(steps).toHaveLength(size);
    expect(told).toHaveLength(2 * size);
    const at = (image: string, what: "asked" | "pushed") =>
      told.findIndex((entry) => entry.image === image && entry.what === what);
    const images = new Map(steps.map((step) => [step.name, imageName(step.image)]));
    for (const { image, after } of steps) {
      for (const before of after) {
        expect(at(images.get(before) ?? "", "pushed")).toBeLessThan(at(imageName(image), "asked"));
      }
    }
    expect(mostAtOnce(told)).toBe(maxParallel);
  },
  60_000,
);
