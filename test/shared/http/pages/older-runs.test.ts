// A pipeline's page shows its last runs, and links to older ones until all of them have been shown.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../../../shared/run/state.ts";
import { keepRuns, pastRun } from "../../../stand-ins/past-runs.ts";
import { type Fixture, startFixture } from "../../../stand-ins/relay.ts";

const hour = 3_600_000;
let fixture: Fixture;
let runs: Run[];
beforeAll(async () => {
  fixture = await startFixture({
    chain: { image: "acme/chain", sequence: ["a", "b"] },
    other: { image: "acme/other", sequence: ["a"] },
  });
  const pipeline = fixture.relay.pipelines.get("chain");
  if (pipeline === undefined) throw new Error("expected a pipeline");
  const now = fixture.relay.clock();
  runs = Array.from({ length: 70 }, (_, index) =>
    pastRun(pipeline, { startedAt: now - (80 - index) * hour, takesMs: () => (index + 1) * 10_000 }),
  );
  await keepRuns(fixture.relay.store, pipeline, runs);
});
afterAll(() => fixture.stop());

const read = async (path: string) => (await fixture.app.request(path)).text();
const runsOn = (page: string) => [...page.matchAll(/<li id="r-([^"]+)"/g)].map(([, id]) => id);
const olderOf = (page: string) => /<a href="([^"]+)#runs">Older/.exec(page)?.[1];

test("each run is on one of the pages, newest first, and the last page leads back to the newest", async () => {
  const found: (string | undefined)[] = [];
  let path: string | undefined = "/pipelines/chain";
  let page = "";
  while (path !== undefined) {
    page = await read(path);
    found.push(...runsOn(page));
    path = olderOf(page);
  }
  expect(found).toEqual(runs.map(({ id }) => id).reverse());
  expect(page).toContain('<a href="/pipelines/chain#runs">Newest</a>');
  expect(page).toContain("Older runs");
});

test("how long steps usually take does not depend on which runs are shown", async () => {
  const usual = (page: string) => /Usually takes<\/dt><dd>([^<]+)/.exec(page)?.[1];
  const newest = await read("/pipelines/chain");
  expect(usual(newest)).toMatch(/^~/);
  expect(usual(await read(olderOf(newest) ?? ""))).toBe(usual(newest));
});

test.each(["", "x", "%00", "chain.x", "other.20261120T030000123-k3f9a1", "x".repeat(5_000)])(
  "what is no run of the pipeline in the address changes nothing: %s",
  async (before) => {
    expect(runsOn(await read(`/pipelines/chain?before=${before}`))).toEqual(
      runsOn(await read("/pipelines/chain")),
    );
  },
);

test("before the oldest run there is nothing but the way back", async () => {
  const page = await read("/pipelines/chain?before=chain.20200101T000000000-aaaaaa");
  expect(runsOn(page)).toEqual([]);
  expect(page).toContain('No older runs. <a href="/pipelines/chain#runs">Newest</a>');
});
