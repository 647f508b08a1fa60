// The page of all images, after looks at a registry on a real HTTP server.
import { afterAll, beforeAll, expect, test } from "vitest";
import { apply } from "../../../../shared/relay/apply.ts";
import { type ImageRegistry, startImageRegistry } from "../../../stand-ins/image-registry.ts";
import { type Fixture, startFixture } from "../../../stand-ins/relay.ts";

let registry: ImageRegistry;
let fixture: Fixture;
const image = (name: string) => `${registry.host}/acme/${name}:1`;
const push = (name: string, layers: string[], created = "2026-11-20T03:00:00Z") =>
  registry.images.push(`acme/${name}:1`, layers, { created });

beforeAll(async () => {
  registry = await startImageRegistry();
  fixture = await startFixture(
    {
      watched: {
        watch: true,
        steps: {
          base: { image: image("base"), upstream: image("os") },
          api: { image: image("api"), after: "base" },
          gone: { image: image("gone"), after: "base" },
          tools: { image: image("tools") },
        },
      },
      built: { image: "acme/built", sequence: ["a"] },
    },
    {},
    { pages: "public" },
  );
  push("os", ["os 2"]);
  push("base", ["os 1", "base"]);
  push("api", ["os 1", "base", "api"]);
  push("tools", ["tools"]);
});
afterAll(async () => {
  await fixture.stop();
  await registry.close();
});

async function look(): Promise<void> {
  const pipeline = fixture.relay.pipelines.get("watched");
  if (pipeline === undefined) throw new Error("expected a pipeline");
  await apply(fixture.relay, pipeline, { kind: "tick" });
}
const page = async (path: string) => (await fixture.app.request(path)).text();
/** The words of each row. */
const rows = async () =>
  [...(await page("/freshness")).matchAll(/<tr id="[^"]+"><td>(.*?)\n/g)].map(([, row = ""]) =>
    row.replace(/<(?:td|th scope="row")>/g, " | ").replace(/<[^>]+>/g, ""),
  );

test("before anybody has looked, nothing is known", async () => {
  expect(await rows()).toEqual([]);
  const text = await page("/freshness");
  expect(text).toContain("no images yet");
  expect(text).toContain('Soon to be looked at: <a href="/pipelines/watched">watched</a>');
  expect(text).toContain('for lack of <code>look: 24h</code>: <a href="/pipelines/built">built</a>');
});

test("after a look, it lists what is behind first, since when and because of what", async () => {
  await look();
  const found = await rows();
  expect(found.map((row) => row.split(" | ").slice(0, 2).join(" "))).toEqual([
    `stale ${image("base")}`,
    `behind ${image("api")}`,
    `behind ${image("gone")}`,
    `fresh ${image("tools")}`,
  ]);
  expect(found[0]).toMatch(
    /\| \d+ (?:h|d|min) ago \| watched \| just now \| stands on another version of .*\/acme\/os:1, which is sha256:/,
  );
  expect(found[1]).toContain(`${image("base")} is stale`);
  expect(await page("/")).toContain("1 stale, 1 never run");
  expect(await page("/badge/watched.json")).toMatch(/"message":"base \d+ (?:h|d|min) behind"/);
});

test("once the base was built again, what stands on it is fresh", async () => {
  push("base", ["os 2", "base"]);
  push("api", ["os 2", "base", "api"]);
  push("gone", ["os 2", "base", "gone"]);
  fixture.later(25 * 3_600_000);
  await look();
  expect((await page("/freshness")).replace(/\s+/g, " ")).toContain("4 fresh");
  expect(await page("/badge/watched.json")).toContain('"message":"fresh just now"');
  expect(await page("/")).toContain("1 fresh, 1 never run");
});
