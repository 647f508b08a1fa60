// Builds of the API that cannot be started, with real files and processes.
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBuilds } from "../../../../functions/local/builds/builds.ts";
import { shortTimings } from "../../../stand-ins/command-machine.ts";
import { type Folder, makeFolder, until } from "../../../stand-ins/program.ts";

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => {
  folder.remove();
});

test("a build whose supervising process cannot be started fails, and the next one has its turn", async () => {
  const builds = createBuilds({
    settings: {
      command: {
        run: "true",
        directory: null,
        environment: {},
        concurrency: 1,
        builders: [],
      },
      timeoutMs: 60_000,
      maxQueued: 5,
      hasB1Route: false,
    },
    data: join(folder.path, "builds"),
    // No process can have a variable with a zero byte.
    environment: { PATH: "/bin\0" },
    readSecret: async () => null,
    log: () => undefined,
    clock: Date.now,
    commands: { timings: shortTimings },
  });
  for (const image of ["you/app:1", "you/app:2"]) {
    await builds.ask(image, new Map([["Dockerfile", "FROM scratch"]]));
  }
  const all = () => builds.list().map(({ status, reason }) => ({ status, reason }));
  await until(() => all().every(({ status }) => status === "failed"), "both have failed");
  const reason = expect.stringContaining("its supervising process could not be started");
  expect(all()).toEqual([
    { status: "failed", reason },
    { status: "failed", reason },
  ]);
  await builds.close();
});
