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

test("a command has its secrets, and stars stand for them in its output and in the reason of its failure", async () => {
  const run =
    'echo "$AUTH" "$KEY"; echo "  $(echo "$KEY" | sed -n 2p)"; test "$PASSWORD" = "$EXPECTED" && exit 3';
  const command = withSecrets(run);
  await machine.run({ ...command, environment: { ...command.environment, EXPECTED: secret } }, build);
  expect(await machine.endOf()).toEqual({ kind: "failed", reason: "exited with 3: ***" });
  expect(await machine.readOutput(build.runId, build.step, null)).toBe("user:*** ***\n  ***\n");
});

test("a secret that is written byte by byte is hidden as well", async () => {
  const run =
    'for half in 1 2; do printf %s "$PASSWORD" | while IFS= read -r -n1 c || [ "$c" ]; do printf %s "$c"; sleep 0.01; done; done';
  await machine.run({ ...withSecrets(run), run: ["bash", "-c", run] }, build);
  expect(await machine.endOf()).toEqual({ kind: "succeeded" });
  expect(await machine.readOutput(build.runId, build.step, null)).toBe("******");
});

test("no secret stands in a file or in the list of processes, while the command runs and after", async () => {
  const run = `echo "$PASSWORD $KEY"; echo "$PASSWORD" >&2; while [ ! -e ${join(machine.folder, "go")} ]; do sleep 0.05; done; exit 1`;
  await machine.run(withSecrets(run), build);
  await until(() => contents().includes("***\n***\n"), "it has written something");
  const processes = execFileSync("ps", ["-A", "-ww", "-o", "args="]).toString();
  expect(processes).toContain(machine.folder);
  for (const hidden of [secret, "abcdefgh12345678", "pässw0rd"]) {
    expect(processes).not.toContain(hidden);
    expect(contents()).not.toContain(hidden);
  }
  await machine.stop(build);
  await machine.endOf();
  expect(contents()).not.toMatch(/pässw0rd|abcdefgh12345678/);
  expect(JSON.stringify([machine.told, machine.logLines])).not.toMatch(/pässw0rd|abcdefgh12345678/);
});

test("wherever the output is cut, what is hidden is the same, and what is not comes through whole", () => {
  const secrets = ["abc", "abcab", "äb", "b-b"];
  const hide = (chunks: readonly Buffer[]) => {
    const mask = createMask(secrets);
    return Buffer.concat([...chunks.map(mask.take), mask.end()]).toString();
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

test("what cannot be the beginning of a secret is not held back", () => {
  const { take, end } = createMask(["secret"]);
  expect(take(Buffer.from("so far se")).toString()).toBe("so far ");
  expect(take(Buffer.from("ven")).toString()).toBe("seven");
  expect(end().toString()).toBe("");
});
