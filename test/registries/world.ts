// Two real registries, real builds, and the program that starts them.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  until,
  webhookSecret,
} from "../stand-ins/program.ts";
import { type BuildServer, startBuildServer } from "./build-server.ts";
import { describeFamily, type Member } from "./family.ts";
import { type NotificationLine, startNotificationLine } from "./notification-line.ts";
import { login, type Registry, startRegistry } from "./registry.ts";

export type World = {
  family: Record<string, Member>;
  /** The images of the pipelines `alone` and `lost`, which have one step each. */
  alone: string;
  lost: string;
  folder: Folder;
  line: NotificationLine;
  server: BuildServer;
  program: Program;
  /** Changes what the images without a base are built from. */
  setNumber: (number: string) => void;
  /** What happened: `begin base`, `end base` and so on. */
  builds: () => string[];
  /** Runs a pipeline to its end. `meanwhile` is called once it has been started. */
  run: (pipeline: string, meanwhile?: (load: () => Promise<Run>) => Promise<void>) => Promise<Run>;
  stop: () => Promise<void>;
};
type Run = ReturnType<typeof JSON.parse>;

const buildScript = new URL("build.sh", import.meta.url).pathname;

export async function startWorld(): Promise<World> {
  const folder = makeFolder();
  const line = await startNotificationLine();
  const hook = { url: `${line.origin}/hooks/distribution`, secret: webhookSecret };
  const start = (name: string, needsLogin: boolean) =>
    startRegistry({ folder: join(folder.path, name), hook, needsLogin });
  const [open, locked] = await Promise.all([start("open", false), start("locked", true)]);
  const family = describeFamily(open.host, locked.host);
  const alone = `${open.host}/acme/alone:latest`;
  const lost = `${locked.host}/acme/lost:latest`;
  const setNumber = writeImages(folder, family);
  writeLogin(folder, locked);
  const server = await startBuildServer(({ step, image }) =>
    promisify(execFile)("bash", [buildScript, step, image], { cwd: folder.path }),
  );
  const config = writeConfig(folder, { family, alone, lost, locked, server });
  const program = await startProgram(["--live", "--config", config, "--data", folder.data], {
    REGISTRY_PASSWORD: login.password,
  });
  line.target = program.origin;
  return {
    family,
    alone,
    lost,
    folder,
    line,
    server,
    program,
    setNumber,
    builds: () => {
      const file = join(folder.path, "builds.log");
      return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    },
    run: async (pipeline, meanwhile) => {
      const started = await program.api("POST", `/pipelines/${pipeline}/runs`);
      const load = async () => (await program.api("GET", `/runs/${started.body.id}`)).body;
      await meanwhile?.(load);
      await until(async () => (await load()).status !== "running", `the run of ${pipeline} ends`, 90_000);
      return load();
    },
    stop: async () => {
      await Promise.all([open.stop(), locked.stop(), server.close()]);
      await line.close();
      await program.kill("SIGKILL");
      folder.remove();
    },
  };
}

/** Returns what sets the number that the images without a base are built from. */
function writeImages(folder: Folder, family: Record<string, Member>): World["setNumber"] {
  const write = (step: string, file: string, text: string) =>
    writeFileSync(join(folder.path, "images", step, file), text);
  const alone = "FROM scratch\nCOPY number /number\n";
  const dockerfiles = { alone, lost: alone };
  for (const [step, { dockerfile }] of Object.entries(family))
    Object.assign(dockerfiles, { [step]: dockerfile });
  for (const [step, dockerfile] of Object.entries(dockerfiles)) {
    mkdirSync(join(folder.path, "images", step), { recursive: true });
    write(step, "Dockerfile", dockerfile);
    write(step, "name", step);
  }
  return (number) => {
    for (const step of ["base", "alone", "lost"]) write(step, "number", number);
  };
}

function writeLogin(folder: Folder, { host }: Registry): void {
  const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
  writeFileSync(join(folder.path, "auth.json"), JSON.stringify({ auths: { [host]: { auth } } }));
}

type Named = Pick<World, "family" | "alone" | "lost" | "server"> & { locked: Registry };

function writeConfig(folder: Folder, { family, alone, lost, locked, server }: Named): string {
  const triggers = {
    server: { http: { url: server.url, body: { step: "{step}", image: "{image}" } } },
    command: {
      command: { run: ["bash", buildScript, "{step}", "{image}"], directory: folder.path, concurrency: 2 },
    },
  };
  const steps = Object.entries(family).map(([step, { image, after, builder }]) => [
    step,
    { image, after, trigger: triggers[builder] },
  ]);
  const settings = { confirm: "registry", timeout: "1m", retries: 0 };
  return folder.config(
    {
      family: { ...settings, steps: Object.fromEntries(steps) },
      alone: { ...settings, steps: { alone: { image: alone, trigger: triggers.server } } },
      lost: {
        ...settings,
        timeout: "10s",
        retries: 1,
        steps: { lost: { image: lost, trigger: triggers.server } },
      },
    },
    { registries: { [locked.host]: { login: { username: login.username, secret: "REGISTRY_PASSWORD" } } } },
  );
}
