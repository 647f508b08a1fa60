// Profiles the webhooks of a program that runs, by packages and folders: where the time goes, beside the limit.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "undici";
import * as z from "zod";
import { apiToken, makeFolder, root, until, webhookSecret } from "../stand-ins/program.ts";
import { startHub } from "./hub.ts";
import { placeOf, profileSchema, timesByModule } from "./profiles.ts";
import { count, figure, type Section } from "./section.ts";
import { chain, chainName, push, repository, start, steps } from "./subject.ts";

const warmUps = 300;
const rounds = 400;
/** A run is started, and each of its steps is pushed. The limit has no runs, and triggers for each push. */
const requests = { tagrelay: rounds * (steps.length + 1), limit: rounds * (steps.length - 1) };

type Name = "tagrelay" | "limit";
/** Microseconds of a request, by the names of packages and folders. */
export type WebhookProfile = Record<Name, Record<string, number>>;

export async function measureWebhookProfile(): Promise<WebhookProfile> {
  const hub = await startHub();
  const [folder, other] = [makeFolder(), makeFolder()];
  const config = folder.config({ [chainName(0)]: chain(0, "webhook") });
  const ours = ["--port", "0", "--data", folder.data, "--config", config, "--hub-url", hub.origin];
  const limit = [join(root, "test/benchmarks/limit/main.ts"), other.data, hub.origin, "embedded"];
  const profile = {
    tagrelay: await profileOf("tagrelay", [join(root, "functions/local/npm-start.js"), ...ours]),
    limit: await profileOf("limit", limit),
  };
  for (const made of [folder, other]) made.remove();
  await hub.close();
  return profile;
}

async function profileOf(name: Name, args: readonly string[]): Promise<Record<string, number>> {
  const secrets = { TAGRELAY_WEBHOOK_SECRET: webhookSecret, TAGRELAY_API_TOKEN: apiToken };
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", ...args], {
    env: { PATH: process.env.PATH, ...secrets },
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let printed = "";
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (chunk: Buffer) => {
      // Later, it is only the log.
      if (printed.length < 10_000) printed += chunk.toString();
    });
  }
  const found = (pattern: RegExp) => pattern.exec(printed)?.[1] ?? "";
  await until(() => found(/listening on (http:\S+)/) !== "", `${name} listens`);
  const inspector = await connect(found(/listening on (ws:\S+)/));
  const client = new Client(found(/listening on (http:\S+)/));
  await pushAll(client, name, warmUps);
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: 250 });
  await inspector.send("Profiler.start");
  await pushAll(client, name, rounds);
  const { profile } = z.object({ profile: profileSchema }).parse(await inspector.send("Profiler.stop"));
  inspector.close();
  await client.close();
  child.kill("SIGKILL");
  await ended;
  const all = timesByModule(profile, (frame) => placeOf(frame, "the limit's own lines"));
  return Object.fromEntries([...all].map(([module, tookMs]) => [module, (tookMs * 1_000) / requests[name]]));
}

async function pushAll(client: Client, name: Name, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    if (name === "tagrelay") await start(client, chainName(0));
    for (const tag of steps.slice(0, -1)) await push(client, repository(0), tag);
    if (name === "tagrelay") await push(client, repository(0), "v5");
  }
}

const answerSchema = z.object({ id: z.int(), result: z.unknown() });

/** Speaks with Node's inspector. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  let last = 0;
  const send = (method: string, params: object = {}): Promise<unknown> => {
    last += 1;
    const id = last;
    return new Promise((resolve) => {
      const read = ({ data }: MessageEvent) => {
        const answer = answerSchema.safeParse(JSON.parse(String(data)));
        if (answer.data?.id !== id) return;
        socket.removeEventListener("message", read);
        resolve(answer.data.result);
      };
      socket.addEventListener("message", read);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  return { send, close: () => socket.close() };
}

export function reportWebhookProfile({ tagrelay, limit }: WebhookProfile): Section {
  const idle = "waiting for answers";
  const sum = (of: Record<string, number>) =>
    Object.entries(of).reduce((all, [name, took]) => (name === idle ? all : all + took), 0);
  const names = [...new Set([...Object.keys(tagrelay), ...Object.keys(limit)])]
    .filter((name) => Math.max(tagrelay[name] ?? 0, limit[name] ?? 0) >= 5)
    .sort((a, b) => (tagrelay[b] ?? 0) - (tagrelay[a] ?? 0));
  const row = (name: string, ours = 0, theirs = 0) => [name, `${figure(ours)} µs`, `${figure(theirs)} µs`];
  return {
    title: "Where the time of a webhook goes",
    about: `A profile of ${count(requests.tagrelay)} requests, one at a time, in \`npm start\`, and of ${count(requests.limit)} in the limit with
its engine in the process; the time is given for each. Five of six start a build, and one ends the run; those of the limit are
webhooks that start a build. Profiling slows both down.

The limit writes one line; Tagrelay writes the state with the claim before the trigger, and once more with the answer, so that
neither a crash nor a second webhook builds twice. Each write is of some kilobytes with two indexes, under a condition, instead of a
line with none. The engine's share alone is therefore more than twice that of the limit. To that come what checks the request, the
routes, the decision and four lines of the log; and a small heap, because garbage is collected early
([Memory](#memory)), which is a tenth of the whole. What could be left out is left out already: the state is
not read again (nobody else can write to the locked folder), and not packed. What is left is spread over many places; none of them holds a quarter of it.`,
    tables: [
      {
        heads: ["module", "Tagrelay", "the limit, engine in the process"],
        rows: [
          ...names.map((name) => row(name, tagrelay[name], limit[name])),
          row("**all but waiting**", sum(tagrelay), sum(limit)),
        ],
      },
    ],
    ratios: [],
  };
}
