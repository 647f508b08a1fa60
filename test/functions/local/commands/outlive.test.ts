import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { baseOf, writeRecord, writeSeenTo } from "../../../../functions/local/commands/kept-files.ts";
import {
  commandOf,
  filesIn,
  hastyWaits,
  isAlive,
  type MachineFixture,
  startCommandMachine,
} from "../../../stand-ins/command-machine.ts";
import { root, until } from "../../../stand-ins/program.ts";
import { build } from "../../../stand-ins/trigger-context.ts";

let machine: MachineFixture;
let machines: MachineFixture[];
beforeEach(() => {
  machine = startCommandMachine();
  machines = [machine];
});
afterEach(async () => {
  for (const { close } of machines) await close();
  machine.remove();
});
function again(options: Parameters<MachineFixture["again"]>[0] = {}): MachineFixture {
  const next = machine.again(options);
  machines.push(next);
  return next;
}

const data = () => join(machine.folder, "data");
const path = (name: string) => join(machine.folder, name);
const contentOf = (file: string) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
const appears = (file: string) => until(() => contentOf(file).endsWith("\n"), `${file} is written`);

const isTold = (folder: string) => filesIn(folder).some((name) => /"toldAt": \d/.test(contentOf(name)));

/** Runs a command until the file "go" is there; the number of its process stands in "pid". */
const waiting = (end: string) =>
  `echo $$ > ${path("pid")}; while [ ! -e ${path("go")} ]; do sleep 0.05; done; ${end}`;

/** A program that has begun a command, and is killed -9 then. */
async function killedProgram(run: string): Promise<{ ticket: { id: string } }> {
  const child = spawn(process.execPath, [join(root, "test/stand-ins/commands-program.ts"), data(), run], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const text = () => Buffer.concat(output).toString();
  await until(() => text().includes("\n"), "the command has begun");
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(text()).not.toContain("told");
  return JSON.parse(text());
}

describe("the program is killed -9 while a command runs:", () => {
  test("the command goes on, and the next program tells how it ended, once", async () => {
    await killedProgram(waiting("echo done; exit 4"));
    await appears(path("pid"));
    const next = again();
    await next.resume();
    await next.resume();
    expect(isAlive(Number(contentOf(path("pid"))))).toBe(true);
    expect(next.told).toEqual([]);
    writeFileSync(path("go"), "");
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "exited with 4: done" });
    await next.close();
    const third = again();
    await third.resume();
    await third.close();
    expect([...next.told, ...third.told]).toHaveLength(1);
  });

  test("what has ended before the next one is there is told by it", async () => {
    await killedProgram(waiting("echo done"));
    writeFileSync(path("go"), "");
    await until(() => filesIn(data()).some((name) => name.endsWith(".outcome.json")), "it has ended");
    const next = again();
    await next.resume();
    expect(await next.endOf()).toEqual({ kind: "succeeded" });
    expect(await next.readOutput(build.runId, build.step, null)).toBe("done\n");
  });

  test("the next one can end it, and does not begin it again", async () => {
    const { ticket } = await killedProgram(waiting("true"));
    const next = again();
    expect(await next.run(commandOf(waiting("true")), build)).toEqual({ kind: "accepted", ticket });
    await appears(path("pid"));
    await next.stop(build);
    expect(isAlive(Number(contentOf(path("pid"))))).toBe(false);
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "was stopped" });
  });

  test("whenever that is, a command runs once or not at all, its end is told, and no process is left over", async () => {
    const program = join(root, "test/stand-ins/commands-program.ts");
    const kills = Array.from({ length: 8 }, async (_, index) => {
      const own = path(`data-${index}`);
      const child = spawn(process.execPath, [program, own, `echo ran >> ${path(`ran-${index}`)}`], {
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const appeared = () => contentOf(`${baseOf(own, build)}.json`) !== "";
      await until(appeared, "the record is written");
      await sleep(index * 80);
      child.kill("SIGKILL");
      await ended;
      const next = again({ data: own });
      await next.resume();
      await until(() => next.told.length > 0 || isTold(own), "its end is told");
      const [end] = next.told.map((told) => told.end);
      const notStarted = { kind: "failed", reason: "was not started: the program ended before" };
      if (end !== undefined) expect([{ kind: "succeeded" }, notStarted]).toContainEqual(end);
      expect(contentOf(path(`ran-${index}`))).toBe(end?.kind === "failed" ? "" : "ran\n");
    });
    await Promise.all(kills);
    const left = () =>
      execFileSync("ps", ["-A", "-ww", "-o", "args="]).toString().includes(`${machine.folder}/data-`);
    await until(() => !left(), "all processes have ended");
  });

  test("a later attempt of the next one ends it first", async () => {
    await killedProgram(waiting("true"));
    await appears(path("pid"));
    const pid = Number(contentOf(path("pid")));
    const next = again();
    await next.run(commandOf("echo second"), { ...build, attempt: 2 });
    expect(isAlive(pid)).toBe(false);
    expect(await next.endOf({ attempt: 2 })).toEqual({ kind: "succeeded" });
  });
});

test("the program ends by itself once it is closed, and its commands go on", async () => {
  const program = join(root, "test/stand-ins/commands-program.ts");
  const child = spawn(process.execPath, [program, data(), waiting("exit 4"), "close"], { stdio: "ignore" });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  await appears(path("pid"));
  expect(isAlive(Number(contentOf(path("pid"))))).toBe(true);
  const next = again();
  await next.resume();
  writeFileSync(path("go"), "");
  expect(await next.endOf()).toEqual({ kind: "failed", reason: "exited with 4" });
});

describe("the process that sees to a command is killed -9:", () => {
  const kill = async () => {
    const outcome = await machine.run(commandOf(waiting("true")), build);
    await appears(path("pid"));
    if (outcome.kind === "accepted") process.kill(Number(outcome.ticket?.id), "SIGKILL");
  };

  test("what is left of the command is ended, and that is told", async () => {
    await kill();
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: "ended with the machine" });
    expect(isAlive(Number(contentOf(path("pid"))))).toBe(false);
  });

  test("and the program with it, as by the end of the machine: the next one tells", async () => {
    const { ticket } = await killedProgram(waiting("true"));
    process.kill(Number(ticket.id), "SIGKILL");
    await appears(path("pid"));
    const next = again();
    await next.resume();
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "ended with the machine" });
    expect(isAlive(Number(contentOf(path("pid"))))).toBe(false);
  });
});

test("a process that is to see to a command, and whose program has gone at once, ends and begins nothing", async () => {
  const supervise = join(root, "functions/local/commands/supervise.ts");
  const base = baseOf(data(), build);
  const { pipeline, runId, step, attempt, timeoutMs } = build;
  await writeRecord(base, {
    ...{ pipeline, runId, step, attempt, timeoutMs, run: `touch ${path("ran")}`, directory: "/" },
    ...{ stopGraceMs: 500, keptBytes: 1_000, writtenAt: Date.now() },
  });
  const child = spawn(process.execPath, [supervise, `${base}.json`], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.disconnect();
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  expect(filesIn(machine.folder)).toEqual([`${base}.json`]);
});

describe("a number that another process has by now", () => {
  test("is neither taken for a command that runs, nor ended", async () => {
    const other = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const pid = other.pid ?? 0;
    const base = baseOf(data(), build);
    const { pipeline, runId, step, attempt, timeoutMs } = build;
    await writeRecord(base, {
      ...{ pipeline, runId, step, attempt, timeoutMs, run: "true", directory: "/", stopGraceMs: 500 },
      ...{ keptBytes: 1_000, writtenAt: Date.now() },
    });
    await writeSeenTo(base, { supervisor: pid, group: pid });
    await machine.stop(build);
    await machine.resume();
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: "ended with the machine" });
    expect(isAlive(pid)).toBe(true);
    other.kill();
  });

  test("of a command that nobody has ever come to see to, it is told that it was not started", async () => {
    const base = baseOf(data(), build);
    const { pipeline, runId, step, attempt, timeoutMs } = build;
    await writeRecord(base, {
      ...{ pipeline, runId, step, attempt, timeoutMs, run: "true", directory: "/", stopGraceMs: 500 },
      ...{ keptBytes: 1_000, writtenAt: Date.now() },
    });
    await machine.resume();
    expect(await machine.endOf()).toEqual({
      kind: "failed",
      reason: "was not started: the program ended before",
    });
  });
});

describe("an end", () => {
  test("is told again until it has been taken, and then no more", async () => {
    let calls = 0;
    const next = again({
      report: async () => {
        calls += 1;
        if (calls < 5) throw new Error("the store cannot be reached");
      },
    });
    await next.run(commandOf("true"), build);
    await until(() => calls === 5, "it has been told five times");
    await until(() => isTold(data()), "it is known to have been taken");
    expect(next.logLines.filter((line) => line.includes("command.untold"))).toHaveLength(4);
    const third = again();
    await third.resume();
    await third.close();
    expect(third.told).toEqual([]);
    expect(calls).toBe(5);
  });

  test("that nobody has taken is told at the next start", async () => {
    const next = again({
      report: async () => {
        throw new Error("the store cannot be reached");
      },
      waits: { ...hastyWaits, tellAgainMs: 60_000, tellAgainAtMostMs: 60_000 },
    });
    await next.run(commandOf("exit 1"), build);
    await until(() => next.logLines.some((line) => line.includes("command.untold")), "it was told in vain");
    await next.close();
    const third = again();
    await third.resume();
    expect(await third.endOf()).toEqual({ kind: "failed", reason: "exited with 1" });
  });
});

test("the pipes of commands leave nothing behind in the folder for temporary files", async () => {
  const own = again({ environment: { PATH: process.env.PATH, TMPDIR: machine.folder } });
  await own.run(commandOf("true"), build);
  await own.endOf();
  expect(readdirSync(machine.folder)).toEqual(["data"]);
});
