import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMask } from "../../../../functions/local/commands/mask-secrets.ts";
import {
  commandOf,
  filesIn,
  type MachineFixture,
  startCommandMachine,
} from "../../../stand-ins/command-machine.ts";
import { until } from "../../../stand-ins/program.ts";
import { build } from "../../../stand-ins/trigger-context.ts";

const secret = "pässw0rd-$&-0123456789";
const key = "-----BEGIN-----\nabcdefgh12345678\nijklmnop87654321\n-----END-----";

let machine: MachineFixture;
beforeEach(() => {
  machine = startCommandMachine();
});
afterEach(async () => {
  await machine.close();
  machine.remove();
});

const withSecrets = (run: string) =>
  commandOf(run, {
    environment: { PASSWORD: secret, AUTH: `user:${secret}`, KEY: key },
    secrets: [secret, key],
  });

function contents(): string {
  return filesIn(machine.folder)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

test("a command gets its secrets, and its output and the reason of its failure show *** in their place", async () => {
  const run =
    'echo "$AUTH" "$KEY"; echo "  $(echo "$KEY" | sed -n 2p)"; test "$PASSWORD" = "$EXPECTED" && exit 3';
  const command = withSecrets(run);
  await machine.run({ ...command, environment: { ...command.environment, EXPECTED: secret } }, build);
  expect(await machine.endOf()).toEqual({ kind: "failed", reason: "exited with 3: ***" });
  expect(await machine.readOutput(build.runId, build.step, null)).toBe("user:*** ***\n  ***\n");
});

test("a secret that is written byte by byte is masked, too", async () => {
  const run =
    'for half in 1 2; do printf %s "$PASSWORD" | while IFS= read -r -n1 c || [ "$c" ]; do printf %s "$c"; sleep 0.01; done; done';
  await machine.run({ ...withSecrets(run), run: ["bash", "-c", run] }, build);
  expect(await machine.endOf()).toEqual({ kind: "succeeded" });
  expect(await machine.readOutput(build.runId, build.step, null)).toBe("******");
});

test("no file and no list of processes contains a secret, while the command runs or later", async () => {
  const run = `echo "$PASSWORD $KEY"; echo "$PASSWORD" >&2; while [ ! -e ${join(machine.folder, "go")} ]; do sleep 0.05; done; exit 1`;
  await machine.run(withSecrets(run), build);
  await until(() => contents().includes("***\n***\n"), "it has written the secrets");
  const processes = execFileSync("ps", ["-A", "-ww", "-o", "args="]).toString();
  expect(processes).toContain(machine.folder);
  for (const hidden of [secret, "abcdefgh12345678", "pässw0rd"]) {
    expect(processes).not.toContain(hidden);
    expect(contents()).not.toContain(hidden);
  }
  await machine.stop(build);
  await machine.endOf();
  expect(contents()).not.toMatch(/pässw0rd|abcdefgh12345678/);
  expect(JSON.stringify([machine.reported, machine.logLines])).not.toMatch(/pässw0rd|abcdefgh12345678/);
});

test("however the output is split into chunks, the same text is masked, and all other text is unchanged", () => {
  const secrets = ["abc", "abcab", "äb", "b-b"];
  const hide = (chunks: readonly Buffer[]) => {
    const mask = createMask(secrets);
    return Buffer.concat([...chunks.map(mask.push), mask.flush()]).toString();
  };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", "ä", "-", "\n", "abc", "abcab", "äb"), { maxLength: 30 }),
      fc.array(fc.nat(40), { maxLength: 10 }),
      (words, cuts) => {
        const bytes = Buffer.from(words.join(""));
        const at = [
          0,
          ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other),
          bytes.length,
        ];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const hidden = hide(chunks);
        expect(hidden).toBe(hide([bytes]));
        expect(hidden).toBe(bytes.toString().replace(/abcab|abc|äb|b-b/g, "***"));
      },
    ),
  );
});

test("text that cannot be the start of a secret is not held back", () => {
  const { push, flush } = createMask(["secret"]);
  expect(push(Buffer.from("so far se")).toString()).toBe("so far ");
  expect(push(Buffer.from("ven")).toString()).toBe("seven");
  expect(flush().toString()).toBe("");
});
