// Commands that build on a pool of hosts: the real program, real commands, and hosts that are real sockets.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Folder, makeFolder, type Program, startProgram, until } from "../stand-ins/program.ts";

let folder: Folder;
let program: Program;
let hosts: { server: Server; url: string }[];
const file = (name: string) => join(folder.path, name);

async function startHost() {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  return { server, url: `tcp://127.0.0.1:${typeof address === "object" ? address?.port : 0}` };
}

const start = async () => {
  program = await startProgram(["--live", "--data", folder.data, "--config", file("tagrelay.yaml")]);
};

beforeAll(async () => {
  folder = makeFolder();
  hosts = [await startHost(), await startHost()];
  const [docker = "", buildkit = ""] = hosts.map(({ url }) => url);
  const run =
    'echo "{builder} $DOCKER_HOST $BUILDKIT_HOST" > on-{tag}; while [ ! -e go-{tag} ]; do sleep 0.05; done';
  const command = { run, directory: folder.path, builders: [docker, { buildkit }] };
  const single = { image: "acme/family", retries: 0, trigger: { command } };
  folder.config(
    {
      family: { ...single, sequence: [["a", "b"]] },
      kept: { ...single, image: "acme/kept", sequence: ["k"] },
      last: { ...single, image: "acme/last", sequence: ["l"] },
    },
    { builds: { command } },
  );
  await start();
});
afterAll(async () => {
  await program.kill("SIGKILL");
  for (const { server } of hosts) server.close();
  folder.remove();
});

async function startRun(pipeline: string) {
  const { body } = await program.api("POST", `/pipelines/${pipeline}/runs`);
  return {
    id: body.id,
    load: async () => (await program.api("GET", `/runs/${body.id}`)).body,
    ended: async () => {
      const load = async () => (await program.api("GET", `/runs/${body.id}`)).body;
      await until(async () => (await load()).status !== "running", "the run ends", 60_000);
      return load();
    },
  };
}
const hostOf = async (tag: string) => {
  await until(
    () => existsSync(file(`on-${tag}`)) && readFileSync(file(`on-${tag}`), "utf8") !== "",
    `${tag} runs`,
  );
  return readFileSync(file(`on-${tag}`), "utf8").trim();
};
const urls = () => hosts.map(({ url }) => url);

test("as many commands run at once as there are hosts, each on one of them, and the run shows on which", async () => {
  const run = await startRun("family");
  const [docker, buildkit] = urls();
  const found = [await hostOf("a"), await hostOf("b")].toSorted();
  expect(found).toEqual([`${docker} ${docker}`, `${buildkit}  ${buildkit}`].toSorted());
  const { steps } = await run.load();
  const shown = steps.map(({ build }: { build: { builder: string } }) => build.builder);
  expect(shown.toSorted()).toEqual(urls().toSorted());
  const page = await (await fetch(`${program.origin}/runs/${run.id}`)).text();
  for (const url of urls()) expect(page).toContain(`on <span class="name">${url}</span>`);
  for (const tag of ["a", "b"]) writeFileSync(file(`go-${tag}`), "");
  expect((await run.ended()).status).toBe("succeeded");
});

test("a host is busy with what an earlier program began on it, and builds of Dockerfiles share the pool", async () => {
  const run = await startRun("kept");
  const [docker, buildkit] = urls();
  expect(await hostOf("k")).toContain(`${docker} `);
  await program.kill("SIGKILL");
  await start();
  const asked = await program.api("POST", "/builds", { image: "you/app:d", dockerfile: "FROM scratch\n" });
  expect(await hostOf("d")).toBe(`${buildkit}  ${buildkit}`);
  const load = async () => (await program.api("GET", `/builds/${asked.body.id}`)).body;
  await until(async () => (await load()).builder === buildkit, "the build shows its host");
  for (const tag of ["k", "d"]) writeFileSync(file(`go-${tag}`), "");
  expect((await run.ended()).status).toBe("succeeded");
  await until(async () => (await load()).status === "succeeded", "the build is over");
});

test("a host that is gone is left out, and without any host the step says why it waits or has failed", async () => {
  const [first, second] = hosts;
  await new Promise((resolve) => first?.server.close(resolve));
  writeFileSync(file("go-l"), "");
  const run = await startRun("last");
  expect(await hostOf("l")).toContain(`${second?.url} `);
  expect((await run.ended()).status).toBe("succeeded");
  await new Promise((resolve) => second?.server.close(resolve));
  const other = await startRun("last");
  const reason = `expected a builder that answers, found none: ${second?.url} (ECONNREFUSED), ${first?.url} (ECONNREFUSED)`;
  await until(async () => (await other.load()).steps[0].reason === reason, "the step says why");
  const asked = await program.api("POST", "/builds", { image: "you/app:e", dockerfile: "FROM scratch\n" });
  const load = async () => (await program.api("GET", `/builds/${asked.body.id}`)).body;
  await until(async () => (await load()).status === "failed", "the build has failed");
  expect((await load()).reason).toContain("expected a builder that answers, found none");
});
