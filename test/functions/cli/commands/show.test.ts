// `tagrelay show` against the real program.
import { afterAll, beforeAll, expect, test } from "vitest";
import { tagrelay } from "../../../stand-ins/command-line.ts";
import { type InProcess, startInProcess } from "../../../stand-ins/in-process.ts";
import { apiToken, type Folder, makeFolder } from "../../../stand-ins/program.ts";

let folder: Folder;
let program: InProcess;
beforeAll(async () => {
  folder = makeFolder();
  const at = (repository: string, source: Record<string, string>) => ({
    image: `acme/${repository}`,
    source,
    sequence: ["a"],
  });
  const config = folder.config({
    one: at("one", { github: "acme/on-github" }),
    two: at("two", { gitlab: "acme/images/on-gitlab" }),
    three: at("three", { bitbucket: "acme/on-bitbucket", tags: "v*" }),
  });
  program = await startInProcess(["--data", folder.data, "--config", config]);
});
afterAll(async () => {
  await program.stop();
  folder.remove();
});

const call = (...args: string[]) =>
  tagrelay([...args, "--url", program.origin], { env: { TAGRELAY_API_TOKEN: apiToken } });

test.each([
  ["one", "acme/on-github main"],
  ["two", "acme/images/on-gitlab main"],
  ["three", "acme/on-bitbucket v*"],
])("the source of pipeline %s is shown as %s, whatever host it is on", async (name, source) => {
  const { code, stdout } = await call("show", name);
  expect([code, /^ {2}source +(.*)$/m.exec(stdout)?.[1]]).toEqual([0, source]);
});
