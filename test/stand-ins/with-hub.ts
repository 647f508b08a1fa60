// The local program with a folder of its own and a stand-in for Docker Hub.
import { type DockerHub, startDockerHub } from "./docker-hub.ts";
import { type InProcess, startInProcess } from "./in-process.ts";
import { type Folder, makeFolder, type Program, startProgram } from "./program.ts";

export type WithHub<Started> = {
  folder: Folder;
  hub: DockerHub;
  /** The program that runs now. */
  program: Started;
  /** Starts the program again on the same data, after the test has ended the last one. */
  restart: (pipelines?: Record<string, unknown>) => Promise<Started>;
  close: () => Promise<void>;
};

export type WithHubOptions = {
  /** The rest of the configuration, apart from the pipelines. */
  others?: Record<string, unknown>;
  args?: readonly string[];
  env?: Record<string, string>;
};

/** The program runs as a process of its own. */
export function startWithHub(
  pipelines: Record<string, unknown>,
  options: WithHubOptions = {},
): Promise<WithHub<Program>> {
  const end = async (program: Program) => void (await program.kill("SIGKILL"));
  return start(pipelines, options, startProgram, end);
}

/** The program runs in the test's process. */
export function startWithHubInProcess(
  pipelines: Record<string, unknown>,
  options: WithHubOptions & { limits?: Parameters<typeof startInProcess>[2] } = {},
): Promise<WithHub<InProcess>> {
  const startHere = (args: readonly string[], env: Record<string, string>) =>
    startInProcess(args, env, options.limits);
  return start(pipelines, options, startHere, (program) => program.stop());
}

async function start<Started>(
  pipelines: Record<string, unknown>,
  { others = {}, args = [], env = {} }: WithHubOptions,
  startIt: (args: readonly string[], env: Record<string, string>) => Promise<Started>,
  end: (program: Started) => Promise<void>,
): Promise<WithHub<Started>> {
  const folder = makeFolder();
  const hub = await startDockerHub();
  const startWith = (document: Record<string, unknown>) => {
    const config = folder.config(document, others);
    return startIt(["--data", folder.data, "--config", config, "--hub-url", hub.origin, ...args], env);
  };
  const withHub: WithHub<Started> = {
    folder,
    hub,
    program: await startWith(pipelines),
    restart: async (document = pipelines) => {
      withHub.program = await startWith(document);
      return withHub.program;
    },
    close: async () => {
      await end(withHub.program);
      await hub.close();
      folder.remove();
    },
  };
  return withHub;
}
