// GET /metrics of the local program, after real runs, webhooks and requests.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import { type InProcess, startInProcess } from "../../stand-ins/in-process.ts";
import { type Family, parseMetrics } from "../../stand-ins/parse-metrics.ts";
import { apiToken, type Folder, makeFolder, until } from "../../stand-ins/program.ts";

const pipelines = {
  p: { retries: 0, confirm: "webhook", schedule: { every: "24h" }, sequence: ["acme/p:1", "acme/p:2"] },
};

let folder: Folder;
let hub: DockerHub;
let program: InProcess;
beforeEach(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
});
afterEach(async () => {
  await program.stop();
  await hub.close();
  folder.remove();
});

async function start(others: Record<string, unknown> = {}): Promise<void> {
  const config = ["--data", folder.data, "--config", folder.config(pipelines, others)];
  program = await startInProcess(
    [...config, "--live", "--hub-url", hub.origin, "--registry-url", hub.origin],
    {
      ACME_P_TRIGGER: "trigger-token-9",
    },
  );
}

const ask = (token: string | null = apiToken) =>
  fetch(`${program.origin}/metrics`, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });

async function read(): Promise<Map<string, Family>> {
  return parseMetrics(await (await ask()).text());
}

const valuesOf = (families: Map<string, Family>, name: string) =>
  families.get(name)?.metrics.map(({ labels, value }) => ({ ...labels, value: Number(value) }));

test("after a run that failed and one that succeeded, a parser finds both, with steps, durations and requests", async () => {
  await start();
  hub.answerNext({ status: 404 });
  await program.api("POST", "/pipelines/p/runs");
  await until(
    async () => (await program.api("GET", "/pipelines/p")).body.run.status === "failed",
    "it failed",
  );
  const failing = await read();
  expect(valuesOf(failing, "tagrelay_run")).toEqual([{ pipeline: "p", status: "failed", value: 1 }]);
  expect(valuesOf(failing, "tagrelay_outage_seconds")?.[0]?.value).toBeGreaterThan(0);

  await program.api("POST", "/pipelines/p/runs");
  await program.hook(pushWebhook("acme/p", "1"));
  await program.hook(pushWebhook("acme/p", "2"));
  await program.hook(pushWebhook("acme/other", "2"));
  await program.hook(pushWebhook("acme/p", "1"), {}, "wrong-secret");
  await until(
    async () => (await program.api("GET", "/pipelines/p")).body.run.status === "succeeded",
    "it ended",
  );
  const families = await read();
  expect(valuesOf(families, "tagrelay_runs_total")).toEqual([
    { pipeline: "p", status: "failed", value: 1 },
    { pipeline: "p", status: "succeeded", value: 1 },
  ]);
  expect(valuesOf(families, "tagrelay_run")).toEqual([{ pipeline: "p", status: "succeeded", value: 1 }]);
  expect(valuesOf(families, "tagrelay_run_steps")).toEqual([{ pipeline: "p", state: "done", value: 2 }]);
  expect(valuesOf(families, "tagrelay_outage_seconds")).toEqual([{ pipeline: "p", value: 0 }]);
  expect(valuesOf(families, "tagrelay_steps_total")).toContainEqual({
    pipeline: "p",
    state: "done",
    value: 2,
  });
  expect(families.get("tagrelay_step_duration_seconds")?.metrics).toMatchObject([
    { buckets: { "+Inf": "2" } },
  ]);
  expect(valuesOf(families, "tagrelay_webhooks_total")).toEqual(
    expect.arrayContaining([
      { outcome: "advanced", value: 2 },
      { outcome: "ignored", value: 1 },
      { outcome: "refused", value: 1 },
    ]),
  );
  const host = new URL(hub.origin).host;
  expect(valuesOf(families, "tagrelay_outgoing_requests_total")).toContainEqual(
    expect.objectContaining({ host, status: "404" }),
  );
  expect(valuesOf(families, "tagrelay_image_pushed_timestamp_seconds")).toHaveLength(2);
  expect(valuesOf(families, "tagrelay_next_start_timestamp_seconds")?.[0]?.value).toBeGreaterThan(
    Date.now() / 1_000,
  );
  await until(
    async () => Number((await read()).get("tagrelay_sweeps_total")?.metrics[0]?.value) > 0,
    "a sweep",
  );
  expect(await (await ask()).text()).not.toMatch(/trigger-token|webhook-secret|api-token/);
});

test("metrics need the API token, unless they are public", async () => {
  await start();
  for (const token of [null, "wrong"]) {
    const response = await ask(token);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="tagrelay"',
    ]);
  }
  const { status, headers } = await ask();
  expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  await program.stop();
  await start({ metrics: "public", pages: "off" });
  expect((await ask(null)).status).toBe(200);
});
