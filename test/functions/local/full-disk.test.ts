// A disk that takes no more, in place of which the process may not write larger files: Linux refuses the same writes.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { makeFolder, type Program, startProgram, until } from "../../stand-ins/program.ts";

const names = Array.from({ length: 40 }, (_, index) => `chain-${index}`);
const pipelines = Object.fromEntries(
  names.map((name) => [name, { image: `acme/${name}`, sequence: ["a", "b"] }]),
);

function limitFiles({ process }: Program, bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);
}

test.each([{ flags: [] }, { flags: ["--durable"] }])(
  "with $flags, what was answered before a disk was full, and after there was room, outlives a kill",
  async ({ flags }) => {
    const folder = makeFolder();
    const args = ["--data", folder.data, "--config", folder.config(pipelines), ...flags];
    const program = await startProgram(args);
    const answered: string[] = [];
    const statuses: number[] = [];
    const startNext = async () => {
      const name = names[statuses.length % names.length];
      const { status, body } = await program.api("POST", `/pipelines/${name}/runs`);
      if (status === 201) answered.push(body.id);
      statuses.push(status);
      return status;
    };
    await startNext();
    limitFiles(program, 8_192);
    await until(async () => (await startNext()) === 503, "a start is refused");
    expect(program.stderr()).toContain(
      `expected to write to the data folder ${folder.data}, found a limit on the size of files; nothing that was answered is lost, and it goes on by itself once that has ended`,
    );
    expect(program.stderr()).not.toContain("    at ");

    limitFiles(program, "unlimited");
    await until(async () => (await startNext()) === 201, "a start is accepted");
    await startNext();
    await program.kill("SIGKILL");

    const again = await startProgram(args);
    for (const id of answered) expect(await again.api("GET", `/runs/${id}`)).toMatchObject({ status: 200 });
    expect(answered.length).toBeGreaterThan(2);
    await again.kill("SIGTERM");
    folder.remove();
  },
  60_000,
);
