import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { baseOf, writeOwner } from "../../../../functions/local/commands/command-files.ts";
import {
  commandOf,
  filesIn,
  isAlive,
  type MachineFixture,
  readIfThere,
  shortTimings,
  startCommandMachine,
} from "../../../stand-ins/command-machine.ts";
import { compileCache, root, until } from "../../../stand-ins/program.ts";
import { recordCommand } from "../../../stand-ins/record-command.ts";
import { build } from "../../../stand-ins/trigger-context.ts";

const commandsProgram = join(root, "test/stand-ins/commands-program.ts");
const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };

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

const lost = "ended unexpectedly: the machine restarted, or its supervising process was killed";

const neverStarted =
  "was not started: the program ended first, or its supervising process could not be started";

const data = () => join(machine.folder, "data");
const path = (name: string) => join(machine.folder, name);
const appears = (file: string) => until(() => readIfThere(file).endsWith("\n"), `${file} is written`);

const isReported = (folder: string) =>
  filesIn(folder).some((name) => /"reportedAt": \d/.test(readIfThere(name)));

/** A command that writes its process id to "pid" and waits for a file "go". */
const waiting = (end: string) =>
  `echo $$ > ${path("pid")}; while [ ! -e ${path("go")} ]; do sleep 0.05; done; ${end}`;

/** A program that starts a command and is then killed -9. */
async function killProgram(run: string): Promise<{ build: { id: string } }> {
  const child = spawn(process.execPath, [commandsProgram, data(), run], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const text = () => Buffer.concat(output).toString();
  await until(() => text().includes("\n"), "the command has started");
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(text()).not.toContain("reported");
  return JSON.parse(text());
}

describe("when the program is killed -9 while a command runs,", () => {
  test("the command continues, and the next program reports its end once", async () => {
    await killProgram(waiting("echo done; exit 4"));
    await appears(path("pid"));
    const next = again();
    await next.resume();
    await next.resume();
    expect(isAlive(Number(readIfThere(path("pid"))))).toBe(true);
    expect(next.reported).toEqual([]);
    writeFileSync(path("go"), "");
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "exited with 4: done" });
    await next.close();
    const third = again();
    await third.resume();
    await third.close();
    expect([...next.reported, ...third.reported]).toHaveLength(1);
  });

  test("the next program reports an end from before its start", async () => {
    await killProgram(waiting("echo done"));
    writeFileSync(path("go"), "");
    await until(() => filesIn(data()).some((name) => name.endsWith(".outcome.json")), "it has ended");
    const next = again();
    await next.resume();
    expect(await next.endOf()).toEqual({ kind: "succeeded" });
    expect(await next.readOutput(build.runId, build.step, null)).toBe("done\n");
  });

  test("the next program can stop it, and does not start it again", async () => {
    const { build: started } = await killProgram(waiting("true"));
    const next = again();
    expect(await next.run(commandOf(waiting("true")), build)).toEqual({ kind: "accepted", build: started });
    await appears(path("pid"));
    await next.stop(build);
    expect(isAlive(Number(readIfThere(path("pid"))))).toBe(false);
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "was stopped" });
  });

  test("the command has run once or not at all, whenever that is; its end is reported, and no process is left", async () => {
    const kills = Array.from({ length: 8 }, async (_, index) => {
      const own = path(`data-${index}`);
      const child = spawn(process.execPath, [commandsProgram, own, `echo ran >> ${path(`ran-${index}`)}`], {
        env,
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const appeared = () => readIfThere(`${baseOf(own, build)}.json`) !== "";
      await until(appeared, "the record is written");
      await sleep(index * 80);
      child.kill("SIGKILL");
      await ended;
      const next = again({ data: own });
      await next.resume();
      await until(() => next.reported.length > 0 || isReported(own), "its end is reported");
      const [end] = next.reported.map((ended) => ended.end);
      const notStarted = { kind: "failed", reason: neverStarted };
      if (end !== undefined) expect([{ kind: "succeeded" }, notStarted]).toContainEqual(end);
      expect(readIfThere(path(`ran-${index}`))).toBe(end?.kind === "failed" ? "" : "ran\n");
    });
    await Promise.all(kills);
    const left = () =>
      execFileSync("ps", ["-A", "-ww", "-o", "args="]).toString().includes(`${machine.folder}/data-`);
    await until(() => !left(), "all processes have ended");
  });

  test("a later attempt by the next program stops it first", async () => {
    await killProgram(waiting("true"));
    await appears(path("pid"));
    const pid = Number(readIfThere(path("pid")));
    const next = again();
    await next.run(commandOf("echo second"), { ...build, attempt: 2 });
    expect(isAlive(pid)).toBe(false);
    expect(await next.endOf({ attempt: 2 })).toEqual({ kind: "succeeded" });
  });
});

test("a closed program ends by itself, and its commands continue", async () => {
  const child = spawn(process.execPath, [commandsProgram, data(), waiting("exit 4"), "close"], {
    env,
    stdio: "ignore",
  });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  await appears(path("pid"));
  expect(isAlive(Number(readIfThere(path("pid"))))).toBe(true);
  const next = again();
  await next.resume();
  writeFileSync(path("go"), "");
  expect(await next.endOf()).toEqual({ kind: "failed", reason: "exited with 4" });
});

describe("when the supervisor of a command is killed -9,", () => {
  const kill = async () => {
    const outcome = await machine.run(commandOf(waiting("true")), build);
    await appears(path("pid"));
    if (outcome.kind === "accepted") process.kill(Number(outcome.build?.id), "SIGKILL");
  };

  test("the rest of the command is stopped and reported as lost", async () => {
    await kill();
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: lost });
    expect(isAlive(Number(readIfThere(path("pid"))))).toBe(false);
  });

  test("and the program with it, as by a restart of the machine, the next program reports it as lost", async () => {
    const { build: started } = await killProgram(waiting("true"));
    process.kill(Number(started.id), "SIGKILL");
    await appears(path("pid"));
    const next = again();
    await next.resume();
    expect(await next.endOf()).toEqual({ kind: "failed", reason: lost });
    expect(isAlive(Number(readIfThere(path("pid"))))).toBe(false);
  });
});

test("a supervisor whose program has ended at once starts nothing and ends", async () => {
  const supervise = join(root, "functions/local/commands/supervise.ts");
  const base = baseOf(data(), build);
  await recordCommand(base, { run: `touch ${path("ran")}` });
  const child = spawn(process.execPath, [supervise, `${base}.json`], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.disconnect();
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  expect(filesIn(machine.folder)).toEqual([`${base}.json`]);
});

describe("of a record without a supervisor,", () => {
  test("a process that has the supervisor's process id by now is neither taken for it nor stopped", async () => {
    const other = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const pid = other.pid ?? 0;
    const base = baseOf(data(), build);
    await recordCommand(base);
    await writeOwner(base, { supervisor: pid, group: pid });
    await machine.stop(build);
    await machine.resume();
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: lost });
    expect(isAlive(pid)).toBe(true);
    other.kill();
  });

  test("it is reported that the command was not started, if none has ever appeared", async () => {
    const base = baseOf(data(), build);
    await recordCommand(base);
    await machine.resume();
    expect(await machine.endOf()).toEqual({
      kind: "failed",
      reason: neverStarted,
    });
  });
});

describe("the end of a command", () => {
  test("is reported until a report succeeds, and not again", async () => {
    let calls = 0;
    const next = again({
      report: async () => {
        calls += 1;
        if (calls < 5) throw new Error("the store is unreachable");
      },
    });
    await next.run(commandOf("true"), build);
    await until(() => calls === 5, "it has been reported five times");
    await until(() => isReported(data()), "it is marked as reported");
    expect(next.logLines.filter((line) => line.includes("command.unreported"))).toHaveLength(4);
    const third = again();
    await third.resume();
    await third.close();
    expect(third.reported).toEqual([]);
    expect(calls).toBe(5);
  });

  test("is reported after the next start if no report has succeeded", async () => {
    const next = again({
      report: async () => {
        throw new Error("the store is unreachable");
      },
      timings: { ...shortTimings, reportRetryMs: 60_000, maxReportRetryMs: 60_000 },
    });
    await next.run(commandOf("exit 1"), build);
    await until(
      () => next.logLines.some((line) => line.includes("command.unreported")),
      "a report has failed",
    );
    await next.close();
    const third = again();
    await third.resume();
    expect(await third.endOf()).toEqual({ kind: "failed", reason: "exited with 1" });
  });
});

test("commands leave no pipes in the folder for temporary files", async () => {
  const own = again({ environment: { PATH: process.env.PATH, TMPDIR: machine.folder } });
  await own.run(commandOf("true"), build);
  await own.endOf();
  expect(readdirSync(machine.folder)).toEqual(["data"]);
});

describe("what cannot be read in the folder of commands", () => {
  const stray = () => join(data(), "commands", ".DS_Store");
  const unreadable = () => join(data(), "commands", "p.run-0");
  beforeEach(async () => {
    await machine.run(commandOf(waiting("exit 4")), build);
    await appears(path("pid"));
    await machine.close();
    writeFileSync(stray(), "");
    // Folders in place of a record and of an outcome, and a folder that nobody can read, not even root.
    mkdirSync(`${baseOf(data(), { ...build, runId: "p.run-3" })}.json`, { recursive: true });
    mkdirSync(`${baseOf(data(), { ...build, runId: "p.run-4" })}.outcome.json`, { recursive: true });
    writeFileSync(`${baseOf(data(), { ...build, runId: "p.run-4" })}.json`, "{}");
    symlinkSync(unreadable(), unreadable());
  });

  test("is logged, and the other commands are followed", async () => {
    const next = again();
    await next.resume();
    writeFileSync(path("go"), "");
    expect(await next.endOf()).toEqual({ kind: "failed", reason: "exited with 4" });
    const logged = next.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");
    expect(logged).toHaveLength(3);
    for (const runId of ["p.run-0", "p.run-3", "p.run-4"]) {
      const entry = { event: "command.unreadable", path: expect.stringContaining(runId) };
      expect(logged).toContainEqual(expect.objectContaining(entry));
    }
  });

  test("is logged, and the runs that have ended are deleted", async () => {
    const next = again();
    await next.resume();
    writeFileSync(path("go"), "");
    await next.endOf();
    await until(async () => {
      await next.deleteOlderThan(Date.now() + 60_000);
      return (await next.readOutput(build.runId, build.step, null)) === null;
    }, "the run is deleted");
    const failed = next.logLines.filter((line) => line.includes("expiry.failed"));
    expect(failed.some((line) => line.includes("p.run-0"))).toBe(true);
    // It is none of the program's files.
    expect(existsSync(stray())).toBe(true);
  });
});
