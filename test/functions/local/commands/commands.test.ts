import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  commandOf,
  filesIn,
  isAlive,
  type MachineFixture,
  readIfThere,
  startCommandMachine,
} from "../../../stand-ins/command-machine.ts";
import { until } from "../../../stand-ins/program.ts";
import { build } from "../../../stand-ins/trigger-context.ts";

let machine: MachineFixture;
beforeEach(() => {
  machine = startCommandMachine();
});
afterEach(async () => {
  await machine.close();
  machine.remove();
});

/** The file to which the commands of the tests write their process ids. */
const pidFile = () => join(machine.folder, "pid");
const pidOf = async (path = pidFile()) => {
  await until(() => /^\d+\n/.test(readIfThere(path)), "the command has started");
  return Number(readIfThere(path));
};

describe("the end of a command", () => {
  test("is a success after exit code 0, reported with its run, step and attempt", async () => {
    expect(await machine.run(commandOf("echo built"), build)).toEqual({
      kind: "accepted",
      build: { id: expect.stringMatching(/^\d+$/), url: null },
    });
    expect(await machine.endOf()).toEqual({ kind: "succeeded" });
    const { pipeline, runId, step, attempt } = build;
    expect(machine.reported).toEqual([{ pipeline, runId, step, attempt, end: { kind: "succeeded" } }]);
    expect(await machine.readOutput(runId, step, attempt)).toBe("built\n");
  });

  test.each([
    ["exit 3", "exited with 3"],
    ["echo one; echo 'no space left' >&2; echo; exit 3", "exited with 3: no space left"],
    ["echo one >&2; printf two; exit 1", "exited with 1: two"],
    ["printf '\\033[31mred\\033[0m\\r\\n\\n'; exit 1", "exited with 1: red"],
    ["printf '%0300d' 7; exit 1", `exited with 1: ${"0".repeat(199)}…`],
    ["no-such-program-here", expect.stringMatching(/^exited with 127: .*no-such-program-here.*not found$/)],
    ["kill -9 $$", "was stopped by SIGKILL"],
    ["false\necho pushed", "exited with 1"],
    ["false; echo pushed; exit 2", "exited with 2: pushed"],
  ])("%j is reported as a failure with its reason", async (run, reason) => {
    await machine.run(commandOf(run), build);
    expect(await machine.endOf()).toEqual({ kind: "failed", reason });
  });

  test("does not wait for its background processes", async () => {
    await machine.run(commandOf(`sleep 60 & echo $! > ${pidFile()}`), build);
    expect(await machine.endOf()).toEqual({ kind: "succeeded" });
    process.kill(await pidOf());
  });
});

describe("a command has", () => {
  test("its own environment added to the program's, its folder, a session of its own, and an empty stdin", async () => {
    mkdirSync(join(machine.folder, "images"));
    const own = commandOf('printf "%s " "$A" "$B" "$NODE_CHANNEL_FD"; pwd; cat; ps -o sid= -p $$; echo $$', {
      directory: join(machine.folder, "images"),
      environment: { A: "1", B: "{b}" },
    });
    await machine.run(own, build);
    await machine.endOf();
    const output = await machine.readOutput(build.runId, build.step, null);
    expect(output).toMatch(/^1 \{b\} {2}\/.*\/images\n *(\d+)\n\1\n$/);
  });

  test("stdout and stderr in the order in which it writes to them, also by their names in /dev", async () => {
    const run = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done; echo named > /dev/stderr";
    await machine.run(commandOf(run), build);
    await machine.endOf();
    const lines = [1, 2, 3, 4, 5].flatMap((i) => [`out ${i}`, `err ${i}`]);
    expect(await machine.readOutput(build.runId, build.step, 1)).toBe(`${lines.join("\n")}\nnamed\n`);
  });

  test("its arguments unchanged and without a shell, if it is given as a list", async () => {
    await machine.run(commandOf(["printf", "%s|", "$HOME", "a  b", "'", "*", ""]), build);
    await machine.endOf();
    expect(await machine.readOutput(build.runId, build.step, 1)).toBe("$HOME|a  b|'|*||");
  });

  test("files that only the owner can read, whatever the name of its step", async () => {
    const steps = ["acme/a:1", "A", "a", "..", "é".repeat(300), "a.1"];
    for (const step of steps) await machine.run(commandOf(`echo '${step}'`), { ...build, step });
    for (const step of steps) await machine.endOf({ step });
    for (const step of steps) expect(await machine.readOutput(build.runId, step, null)).toBe(`${step}\n`);
    const files = filesIn(machine.folder);
    expect(files.length).toBeGreaterThanOrEqual(steps.length * 4);
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(machine.folder, "data", "commands", build.runId)).mode & 0o777).toBe(0o700);
  });
});

describe("a command that cannot start", () => {
  test.each([
    [
      commandOf("true", { directory: "no/such/folder" }),
      "expected a folder at no/such/folder (relative to the folder that tagrelay was started in), found nothing",
    ],
    [commandOf("true", { directory: "/dev/null" }), "expected a folder at /dev/null, found something else"],
    [commandOf(["no-such-program", "a"]), "expected a program no-such-program in PATH, found none"],
    [
      commandOf(["./no-such-program"]),
      expect.stringMatching(/^expected a program \.\/no-such-program in .*, found none$/),
    ],
    [
      commandOf(["/dev/null"]),
      "expected /dev/null to be an executable program, found that it is not (EACCES)",
    ],
    [commandOf(["echo", "a\0b"]), "the command cannot be run: ERR_INVALID_ARG_VALUE"],
    [commandOf(["echo", "a".repeat(3_000_000)]), "the command cannot be run: E2BIG"],
  ])("is rejected with the reason and leaves no files: %#", async (command, reason) => {
    expect(await machine.run(command, build)).toEqual({ kind: "rejected", reason });
    expect(await machine.readOutput(build.runId, build.step, null)).toBeNull();
    // The same attempt may start once the mistake is corrected.
    expect(await machine.run(commandOf("true"), build)).toMatchObject({ kind: "accepted" });
    expect(await machine.endOf()).toEqual({ kind: "succeeded" });
    expect(machine.reported).toHaveLength(1);
  });

  test("is refused, to be retried, if its record cannot be written", async () => {
    writeFileSync(join(machine.folder, "data"), "");
    expect(await machine.run(commandOf("true"), build)).toEqual({
      kind: "refused",
      reason: "the command could not be started: ENOTDIR",
      retryAfterMs: null,
    });
  });

  test("is rejected on Windows", async () => {
    machine = machine.again({ platform: "win32" });
    expect(await machine.run(commandOf("true"), build)).toEqual({
      kind: "rejected",
      reason: "expected Linux or macOS to run commands on, found Windows",
    });
  });
});

describe("an attempt", () => {
  test("that is requested twice, at the same time or later, runs once", async () => {
    const file = join(machine.folder, "runs");
    const command = commandOf(`echo x >> ${file}`);
    const [one, other] = await Promise.all([machine.run(command, build), machine.run(command, build)]);
    expect(other).toEqual(one);
    await machine.endOf();
    expect(await machine.run(command, build)).toEqual(one);
    expect(await machine.again().run(command, build)).toEqual(one);
    expect(readFileSync(file, "utf8")).toBe("x\n");
    expect(machine.reported).toHaveLength(1);
  });

  test("stops an earlier attempt of the same step that still runs, and no other step", async () => {
    const other = { ...build, step: "other" };
    await machine.run(commandOf(`echo $$ > ${pidFile()}; sleep 60`), build);
    await machine.run(commandOf(`echo $$ > ${pidFile()}.other; sleep 60`), other);
    const pid = await pidOf();
    await machine.run(commandOf("echo second"), { ...build, attempt: 2 });
    expect(isAlive(pid)).toBe(false);
    expect(await machine.endOf({ attempt: 1 })).toEqual({ kind: "failed", reason: "was stopped" });
    expect(await machine.endOf({ attempt: 2 })).toEqual({ kind: "succeeded" });
    expect(await machine.readOutput(build.runId, build.step, null)).toBe("second\n");
    expect(await machine.readOutput(build.runId, build.step, 1)).toBe("");
    expect(isAlive(await pidOf(`${pidFile()}.other`))).toBe(true);
    await machine.stop(other);
  });
});

describe("a command is stopped", () => {
  test("after its time-out, with all processes that it has started", async () => {
    const run = `sh -c 'echo $$ > ${pidFile()}; sleep 60; true' & sh -c 'sleep 60; true' & wait`;
    await machine.run(commandOf(run), { ...build, timeoutMs: 1_000 });
    const pid = await pidOf();
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: "took longer than 1s and was stopped" });
    expect(isAlive(pid)).toBe(false);
  });

  test("by SIGKILL if it ignores SIGTERM", async () => {
    const run = `trap '' TERM; echo $$ > ${pidFile()}; while true; do sleep 1; done`;
    await machine.run(commandOf(run), build);
    const pid = await pidOf();
    await machine.stop(build);
    expect(isAlive(pid)).toBe(false);
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: "was stopped" });
  });

  test("as a failure even if it exits with 0 on SIGTERM, and what it writes until then is kept", async () => {
    const run = `trap 'echo bye; exit 0' TERM; echo $$ > ${pidFile()}; while true; do sleep 0.1; done`;
    await machine.run(commandOf(run), build);
    await pidOf();
    await machine.stop(build);
    expect(await machine.endOf()).toEqual({ kind: "failed", reason: "was stopped" });
    expect(await machine.readOutput(build.runId, build.step, 1)).toMatch(/bye\n$/);
    expect(machine.reported).toHaveLength(1);
  });

  test("only if it runs: stopping an ended or unknown one does nothing", async () => {
    await machine.run(commandOf("true"), build);
    await machine.endOf();
    await machine.stop(build);
    await machine.stop({ ...build, attempt: 9 });
    expect(machine.reported).toHaveLength(1);
  });
});

test("of an output of 50 MB, the start and the end are kept, and the command does not wait for that", async () => {
  await machine.run(commandOf("echo first; yes | head -c 50000000; echo last"), build);
  expect(await machine.endOf()).toEqual({ kind: "succeeded" });
  const output = (await machine.readOutput(build.runId, build.step, 1)) ?? "";
  expect(output).toMatch(/^first\ny\n.*\n\[… \d+ bytes omitted …\]\n.*y\nlast\n$/s);
  expect(output.length).toBeLessThan(2.1 * 1024 * 1024);
  const kept = filesIn(machine.folder).reduce((sum, path) => sum + statSync(path).size, 0);
  expect(kept).toBeLessThan(3.1 * 1024 * 1024);
});

test("while builds are simulated, something else runs in place of a command", async () => {
  machine = machine.again({
    simulate: ({ step }) => (step === "real" ? null : commandOf(["echo", "not", "real"])),
  });
  await machine.run(commandOf("exit 3", { directory: "no/such/folder" }), build);
  expect(await machine.endOf()).toEqual({ kind: "succeeded" });
  expect(await machine.readOutput(build.runId, build.step, null)).toBe("not real\n");
  await machine.run(commandOf("exit 3"), { ...build, step: "real" });
  expect(await machine.endOf({ step: "real" })).toEqual({ kind: "failed", reason: "exited with 3" });
});

test("runs that ended before an instant are deleted as a whole, but not those with a running command", async () => {
  const other = { ...build, runId: "p.run-2" };
  await machine.run(commandOf("echo a"), build);
  await machine.run(commandOf("echo b"), { ...build, step: "t" });
  await machine.run(commandOf("echo c"), other);
  await machine.run(commandOf("sleep 60"), { ...other, step: "t" });
  await machine.endOf();
  await machine.endOf({ step: "t" });
  await machine.endOf(other);
  const output = (runId: string) => machine.readOutput(runId, build.step, null);
  await machine.deleteOlderThan(Date.now() - 60_000);
  expect(await output(build.runId)).toBe("a\n");
  await until(async () => {
    await machine.deleteOlderThan(Date.now() + 60_000);
    return (await output(build.runId)) === null;
  }, "the run is deleted");
  expect(await output(other.runId)).toBe("c\n");
  await machine.stop({ ...other, step: "t" });
});

describe("an error while a command is started", () => {
  // No process can have a variable with a zero byte.
  const environment = { PATH: "/bin\0" };

  test("after its record is written leaves the outcome open, and then its end is reported", async () => {
    const next = machine.again({ environment });
    expect(await next.run(commandOf("true"), build)).toEqual({
      kind: "unknown",
      reason: "the command: ERR_INVALID_ARG_VALUE",
    });
    expect(await next.endOf()).toEqual({
      kind: "failed",
      reason: expect.stringContaining("its supervising process could not be started"),
    });
    await next.close();
  });

  test("before there is a record means that it was refused", async () => {
    const builders = [{ kind: "docker" as const, url: "nowhere" }];
    const command = commandOf("true", { hosts: { builders, commandOn: () => commandOf("true") } });
    expect(await machine.run(command, build)).toMatchObject({
      kind: "refused",
      reason: "the command could not be started: ERR_INVALID_URL",
    });
    expect(filesIn(machine.folder)).toEqual([]);
  });
});
