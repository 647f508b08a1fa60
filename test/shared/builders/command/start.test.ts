import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { originsOfTriggers, secretsOfTrigger } from "../../../../shared/builders/builders.ts";
import { fillInLine } from "../../../../shared/builders/command/command-line.ts";
import { commandSettings } from "../../../../shared/builders/command/settings.ts";
import { command } from "../../../../shared/builders/command/start.ts";
import type { BuildRequest, Command } from "../../../../shared/kinds/builder.ts";
import { build, triggerContext } from "../../../stand-ins/trigger-context.ts";

/** A machine that only records its commands. */
function recordingMachine() {
  const started: { command: Command; build: BuildRequest }[] = [];
  const run = async (command: Command, build: BuildRequest) => {
    started.push({ command, build });
    return { kind: "accepted", build: { id: "1", url: null } } as const;
  };
  return { started, commands: { run, stop: async () => undefined, readOutput: async () => null } };
}
async function start(settings: object, secrets = {}, step = "s") {
  const { started, commands } = recordingMachine();
  const context = { ...triggerContext({}, secrets), commands };
  const outcome = await command.start(commandSettings.parse(settings), { ...build, step }, context);
  return { outcome, command: started[0]?.command ?? null };
}

describe("a configured command", () => {
  test("may have placeholders in its command line, folder and environment, and secrets only in the environment", async () => {
    const settings = {
      run: `docker build -t {image} . && echo $HOME \${tag} '\${tag}' "\${tag}" \\{tag} {attempt}`,
      directory: "images/{tag}",
      environment: { PASSWORD: "{secret:A}", AUTH: "user:{secret:A}:{secret:B}", TAG: "{tag}" },
    };
    const { outcome, command } = await start(settings, { A: " s3cret\n", B: "6666" });
    expect(outcome).toEqual({ kind: "accepted", build: { id: "1", url: null } });
    expect(command).toEqual({
      run: `docker build -t acme/chain:step-1 . && echo $HOME \${tag} '\${tag}' "\${tag}" \\{tag} 1`,
      directory: "images/step-1",
      environment: { PASSWORD: "s3cret", AUTH: "user:s3cret:6666", TAG: "step-1" },
      secrets: ["s3cret", "6666"],
    });
  });

  test("of a program and its arguments has unquoted values, because no shell reads them", async () => {
    const { command } = await start({ run: ["make", "{step}", "$X", `\${step}`] }, {}, "a 'b' $(c)");
    expect(command).toMatchObject({ run: ["make", "a 'b' $(c)", "$X", `\${step}`], directory: null });
  });

  test("names a missing secret, and runs nothing", async () => {
    expect(await start({ run: "true", environment: { A: "{secret:B}" } })).toEqual({
      outcome: { kind: "rejected", reason: "the secret B is missing" },
      command: null,
    });
  });

  test("is rejected if there is no machine to run it on", async () => {
    const outcome = await command.start(
      commandSettings.parse({ run: "true" }),
      build,
      triggerContext({}, {}),
    );
    expect(outcome).toEqual({
      kind: "rejected",
      reason: "expected the local program, found AWS; commands need a machine to run on",
    });
  });
});

describe("a value in a shell command", () => {
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
    "is unchanged in %s, whatever it contains",
    (word) => {
      for (const value of hostile) {
        const line = fillInLine(`printf %s ${word}`, new Map([["step", value]]));
        // A value that needs no quotes shows what the word means.
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
  ])("that needs quotes is not filled into %s, which is too complex to tell which", async (run) => {
    expect(fillInLine(run, new Map([["step", "a b"]]))).toBeNull();
    expect(fillInLine(run, new Map([["step", "acme/a:1.2-b_c"]]))).toBe(
      run.replace("{step}", "acme/a:1.2-b_c"),
    );
    expect(await start({ run }, {}, "a b")).toEqual({
      outcome: {
        kind: "rejected",
        reason: expect.stringMatching(
          /^expected values without special characters in a command this complex/,
        ),
      },
      command: null,
    });
  });
});

test("a trigger names the secrets that it needs, and no origin", () => {
  const environment = { A: "{secret:X}{tag}", B: "{secret:Y} {secret:X}" };
  const trigger = { kind: "command", ...commandSettings.parse({ run: "true", environment }) } as const;
  expect(secretsOfTrigger(trigger)).toEqual(["X", "Y"]);
  expect(originsOfTriggers([{ steps: [{ trigger }] }])).toEqual([]);
});
