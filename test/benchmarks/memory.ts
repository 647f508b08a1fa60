// Measures the memory of the local program: idle, after tens of thousands of webhooks, and after days of schedules.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Pool } from "undici";
import * as z from "zod";
import { makeFolder, residentBytes, root } from "../stand-ins/program.ts";
import { startHub } from "./hub.ts";
import { atMost, count, megabytes, type Section } from "./section.ts";
import { chainName, push, repository, start, startTagrelay, steps } from "./subject.ts";

const chains = 160;
const totalWebhooks = 30_000;
const sampleEvery = 5_000;
const idleMs = 60_000;
const maxIdleBytes = 100e6;
const maxBytes = 200e6;

export type Memory = {
  /** Node alone, with an HTTP server. */
  nodeBytes: number;
  idleBytes: number;
  /** After so many webhooks. */
  webhooks: { after: number; bytes: number }[];
  days: { at: number; webhooks: number; bytes: number }[];
};

export async function measureMemory(): Promise<Memory> {
  return { nodeBytes: await measureNode(), ...(await measureWebhooks()), days: await measureDays() };
}

async function measureNode(): Promise<number> {
  const program = 'require("node:http").createServer().listen(0, () => console.log("listening"))';
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const bytes = residentBytes(child);
  child.kill();
  return bytes;
}

async function measureWebhooks(): Promise<Omit<Memory, "nodeBytes" | "days">> {
  const hub = await startHub();
  const subject = await startTagrelay(hub.origin, chains, "webhook");
  await sleep(idleMs);
  const idleBytes = residentBytes(subject);
  const pool = new Pool(subject.origin, { connections: 32 });
  const webhooks: Memory["webhooks"] = [];
  for (let sent = 0; sent < totalWebhooks; ) {
    await forAll((index) => start(pool, chainName(index)));
    for (const tag of steps) await forAll((index) => push(pool, repository(index), tag));
    hub.triggers.splice(0);
    const before = Math.floor(sent / sampleEvery);
    sent += chains * steps.length;
    if (Math.floor(sent / sampleEvery) > before)
      webhooks.push({ after: sent, bytes: residentBytes(subject) });
  }
  await pool.close();
  await subject.stop();
  await hub.close();
  return { idleBytes, webhooks };
}

async function forAll(work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const client = async () => {
    for (let index = next++; index < chains; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: 32 }, client));
}

const hourOfDay = z.object({ at: z.number(), webhooks: z.number(), bytes: z.number() });

async function measureDays(): Promise<Memory["days"]> {
  const folder = makeFolder();
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, "test/benchmarks/day.ts"),
    folder.data,
  ]);
  folder.remove();
  return stdout
    .trim()
    .split("\n")
    .map((line) => hourOfDay.parse(JSON.parse(line)));
}

export function reportMemory({ nodeBytes, idleBytes, webhooks, days }: Memory): Section {
  const [early, late] = [webhooks[1], webhooks.at(-1)];
  const [first, second] = [days[24], days.at(-1)];
  if (!early || !late || !first || !second) throw new Error("expected all measurements");
  const row = (what: string, bytes: number) => [what, megabytes(bytes)];
  return {
    title: "Memory",
    about: `The resident size of the local program with ${count(chains)} pipelines, and of a process that runs two simulated days of
schedules on the embedded engine, in steps of ten seconds: fifty pipelines of five steps, started every hour,
${count(second.webhooks)} webhooks. The size grows at first because Node enlarges its heap before it collects garbage. It includes
the engine's memory-mapped files. The first start of a new version takes some 20 MB more, as nothing is compiled yet.

What holds it, as \`/proc\` and Node told on 2026-11-26: idle, 54 MB are Node's own code and the libraries, which other processes share;
32 MB are live objects, of which 9 are the texts of the modules and 8 what was compiled of them; the rest is what V8 and malloc keep.
After webhooks, V8 has 61 MB, of which 34 are live; some 50 MB are in malloc's arenas, one for each thread of LevelDB and of V8's
compiler, and mostly free. Smaller caches of LevelDB changed nothing. V8 is told to collect garbage early
(\`functions/local/keep-heap-small.ts\`): left alone, it takes 435 MB after 12,000 webhooks instead of 187, and 2.3 ms of processor time for each instead of 3.3. Webhooks
come a few a minute, and small machines have half a gigabyte, so memory counts for more.
\`MALLOC_ARENA_MAX=1\` in the environment saved about 25 MB, for
those to whom it matters.`,
    tables: [
      {
        heads: ["when", "resident"],
        rows: [
          row("Node alone, with an HTTP server", nodeBytes),
          row("idle, a minute after its start", idleBytes),
          row(`after ${count(early.after)} webhooks`, early.bytes),
          row(`after ${count(late.after)} webhooks`, late.bytes),
          row("schedules, after a day", first.bytes),
          row("schedules, after two days", second.bytes),
        ],
      },
    ],
    ratios: [
      {
        what: `resident size when idle, vs. ${megabytes(maxIdleBytes)}`,
        value: idleBytes / maxIdleBytes,
        target: atMost(1),
      },
      {
        what: `resident size after ${count(late.after)} webhooks, vs. ${megabytes(maxBytes)}`,
        value: late.bytes / maxBytes,
        target: atMost(1),
      },
      {
        what: `resident size after ${count(late.after)} webhooks, relative to ${count(early.after)}`,
        value: late.bytes / early.bytes,
        target: atMost(1.1),
      },
      {
        what: "resident size after two days of schedules, relative to one",
        value: second.bytes / first.bytes,
        target: atMost(1.1),
      },
    ],
  };
}
