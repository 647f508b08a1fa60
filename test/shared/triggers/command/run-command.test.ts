import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fillInLine } from "../../../../shared/triggers/command/command-line.ts";
import { command } from "../../../../shared/triggers/command/run-command.ts";
import { commandSettings } from "../../../../shared/triggers/command/settings.ts";
import { originsOf, secretsOf } from "../../../../shared/triggers/start-build.ts";
import type { Build, Command } from "../../../../shared/triggers/trigger.ts";
import { build, triggerContext } from "../../../stand-ins/trigger-context.ts";

/** A machine that keeps what it is asked to run. */
function keepingMachine() {
  const asked: { command: Command; build: Build }[] = [];
  const run = async (command: Command, build: Build) => {
    asked.push({ command, build });
    return { kind: "accepted", ticket: { id: "1", url: null } } as const;
  };
  return { asked, commands: { run, stop: async () => undefined, readOutput: async () => null } };
}
async function start(settings: object, secrets = {}, step = "s") {
  const { asked, commands } = keepingMachine();
  const context = { ...triggerContext({}, secrets), commands };
  const outcome = await command.start(commandSettings.parse(settings), { ...build, step }, context);
  return { outcome, command: asked[0]?.command ?? null };
}

describe("a command as it is configured", () => {
  test("has placeholders in its line, folder and environment, and secrets in the environment alone", async () => {
    const settings = {
      run: `docker build -t {image} . && echo $HOME \${tag} '\${tag}' "\${tag}" \\{tag} {attempt}`,
      directory: "images/{tag}",
      environment: { PASSWORD: "{secret:A}", AUTH: "user:{secret:A}:{secret:B}", TAG: "{tag}" },
    };
    const { outcome, command } = await start(settings, { A: " s3cret\n", B: "6666" });
    expect(outcome).toEqual({ kind: "accepted", ticket: { id: "1", url: null } });
    expect(command).toEqual({
      run: `docker build -t acme/chain:step-1 . && echo $HOME \${tag} '\${tag}' "\${tag}" \\{tag} 1`,
      directory: "images/step-1",
      environment: { PASSWORD: "s3cret", AUTH: "user:s3cret:6666", TAG: "step-1" },
      secrets: ["s3cret", "6666"],
    });
  });

  test("of a program and its arguments has their values as they are: no shell reads them", async () => {
    const { command } = await start({ run: ["make", "{step}", "$X", `\${step}`] }, {}, "a 'b' $(c)");
    expect(command).toMatchObject({ run: ["make", "a 'b' $(c)", "$X", `\${step}`], directory: null });
  });

  test("names the secret that is missing, and runs nothing", async () => {
    expect(await start({ run: "true", environment: { A: "{secret:B}" } })).toEqual({
      outcome: { kind: "rejected", reason: "the secret B is missing" },
      command: null,
    });
  });

  test("is told that there is no machine to run it on, where there is none", async () => {
    const outcome = await command.start(
      commandSettings.parse({ run: "true" }),
      build,
      triggerContext({}, {}),
    );
    expect(outcome).toEqual({
      kind: "rejected",
      reason: "expected the local program, on a machine that commands can be run on; found none here",
    });
  });
});

describe("a value in a line for the shell", () => {
  const hostile = [
    "a b",
    "",
    "'",
    '"',
    "\\",
    "$(echo evil)",
    "`echo evil`",
    `\${HOME}`,
    "a\nb",
    "'; echo evil; '",
    '"; echo evil; "',
    "*",
    "~",
    "!x",
    "#x",
    "{tag}",
  ];
  test.each(["{step}", '"{step}"', "'{step}'", "x{step}y", 'a"b {step} c"d', "'a'{step}'b'", '"\\"{step}"'])(
    "stands as it is in %s, whatever it holds",
    (word) => {
      for (const value of hostile) {
        const line = fillInLine(`printf %s ${word}`, new Map([["step", value]]));
        // With a value that needs no quotes the word reads as it was meant.
        const plain = execFileSync("sh", ["-c", `printf %s ${word.replace("{step}", "VALUE")}`]).toString();
        expect(execFileSync("sh", ["-c", line ?? "exit 1"]).toString()).toBe(
          plain.replace("VALUE", () => value),
        );
      }
    },
  );

  test.each([
    'echo "$(echo "{step}")"',
    "echo `echo {step}`",
    "true # {step}",
    "cat <<E\n{step}\nE",
    "echo $'\\'{step}'",
    `echo "\${A:-{step}}"`,
    "echo 'open {step}",
  ])("that needs quotes is not put into %s, where it cannot be told which", async (run) => {
    expect(fillInLine(run, new Map([["step", "a b"]]))).toBeNull();
    expect(fillInLine(run, new Map([["step", "acme/a:1.2-b_c"]]))).toBe(
      run.replace("{step}", "acme/a:1.2-b_c"),
    );
    expect(await start({ run }, {}, "a b")).toEqual({
      outcome: {
        kind: "rejected",
        reason: expect.stringMatching(/^expected values that need no quotes in a line such as this/),
      },
      command: null,
    });
  });
});

test("what a trigger needs is told: its secrets, and no origin", () => {
  const environment = { A: "{secret:X}{tag}", B: "{secret:Y} {secret:X}" };
  const trigger = { command: commandSettings.parse({ run: "true", environment }) };
  expect(secretsOf(trigger)).toEqual(["X", "Y"]);
  expect(originsOf([{ steps: [{ trigger }] }])).toEqual([]);
});
