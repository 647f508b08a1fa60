// `tagrelay list` against the real program, with a registry and a builder on real HTTP servers.
import { afterAll, beforeAll, expect, test } from "vitest";
import { pipelineAnswer } from "../../../../shared/http/api/answers.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type ImageRegistry, startImageRegistry } from "../../../stand-ins/image-registry.ts";
import { type InProcess, startInProcess } from "../../../stand-ins/in-process.ts";
import { apiToken, type Folder, makeFolder, until } from "../../../stand-ins/program.ts";

let folder: Folder;
let registry: ImageRegistry;
let builder: AnyServer;
let program: InProcess;
beforeAll(async () => {
  folder = makeFolder();
  registry = await startImageRegistry();
  builder = await startAnyServer();
  builder.answer = answering(200);
  const { host, images } = registry;
  images.push("acme/os:latest", ["os"]);
  images.push("acme/base:latest", ["os", "base"]);
  images.push("acme/app:latest", ["older os", "base", "app"]);
  const trigger = { http: { url: `${builder.origin}/build` } };
  const config = folder.config({
    stale: {
      trigger,
      steps: {
        base: { image: `${host}/acme/base:latest`, upstream: `${host}/acme/os:latest` },
        app: { image: `${host}/acme/app:latest`, after: "base" },
      },
    },
    partial: { trigger, confirm: "webhook", image: `${host}/acme/partial`, sequence: ["a", "b", "c"] },
  });
  program = await startInProcess(["--live", "--data", folder.data, "--config", config]);
});
afterAll(async () => {
  await program.stop();
  await registry.close();
  await builder.close();
  folder.remove();
});

const call = (...args: string[]) =>
  tagrelay([...args, "--url", program.origin], { env: { TAGRELAY_API_TOKEN: apiToken } });

test.each([
  ["fresh steps count as done", ["stale", "--only-stale"], "app", "1 of 2 done"],
  ["steps before the one that a run started at do not count", ["partial", "--from", "b"], "b", "0 of 2 done"],
])("%s, as on the pages", async (_name, [pipeline = "", ...args], step, progress) => {
  expect(await call("run", pipeline, ...args)).toMatchObject({ code: 0, stderr: "" });
  await until(async () => {
    const { body } = await program.api("GET", `/pipelines/${pipeline}`);
    const { data: found } = pipelineAnswer.safeParse(body);
    return found?.run?.steps.find(({ name }) => name === step)?.state === "building";
  }, `${step} is being built`);
  const { stdout } = await call("list");
  expect(stdout).toMatch(new RegExp(`^${pipeline} .* running for [^,]+, ${progress}`, "m"));
  const page = await fetch(`${program.origin}/`);
  expect(await page.text()).toContain(progress);
});
