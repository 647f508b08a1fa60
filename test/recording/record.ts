// `npm run record`: records the first minute with the program in a real terminal, and writes docs/recording.svg.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { afterwards, description, type Recorded, start } from "./commands.ts";
import { type Frame, readScreen } from "./screen.ts";
import { toSvg } from "./to-svg.ts";

const columns = 96;
const rows = 24;
/** More would make the file larger, not clearer. */
const frameMs = 500;
/** The recording is played faster than it was made. */
const speed = 2;
const prompt = "\x1b[1;32m$\x1b[0m ";

const root = new URL("../..", import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), "tagrelay-record-"));
const screen = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
const frames: Frame[] = [];
let started = Date.now();
const port = 8790 + Math.floor(Math.random() * 1000);
const env = {
  ...process.env,
  TERM: "xterm-256color",
  TAGRELAY_URL: `http://127.0.0.1:${port}`,
  TAGRELAY_API_TOKEN: "recording-token-0123456789",
  TAGRELAY_WEBHOOK_SECRET: "recording-secret-0123456789",
};

const sample = () => {
  const lines = readScreen(screen);
  const at = Math.round((Date.now() - started) / speed);
  if (JSON.stringify(lines) !== JSON.stringify(frames.at(-1)?.lines)) frames.push({ at, lines });
};

async function type(text: string): Promise<void> {
  screen.write(prompt);
  await sleep(600);
  for (const part of text.match(/.{1,4}/g) ?? []) {
    screen.write(part);
    await sleep(250);
  }
  screen.write("\r\n");
}

function run({ run: commandOf }: Recorded) {
  const shell = spawn("sh", ["-c", commandOf(data, port)], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: root,
    env,
  });
  let output = "";
  shell.onData((text) => {
    output += text;
    // A reader's program has the usual port.
    screen.write(text.replaceAll(`:${port}`, ":8787"));
  });
  const ended = new Promise<void>((resolve) => shell.onExit(() => resolve()));
  return { shell, ended, output: () => output };
}

const clock = setInterval(sample, frameMs);
try {
  started = Date.now();
  await type(start.shown);
  const program = run(start);
  const deadline = Date.now() + 60_000;
  while (!start.until?.test(program.output()) && Date.now() < deadline) await sleep(100);
  await sleep(2000);
  for (const command of afterwards) {
    screen.write("\x1b[2J\x1b[H");
    await type(command.shown);
    await run(command).ended;
    await sleep(2500);
  }
  sample();
  program.shell.kill("SIGINT");
  await Promise.race([program.ended, sleep(5000)]);
} finally {
  clearInterval(clock);
  rmSync(data, { recursive: true, force: true });
}
const file = join(root, "docs/recording.svg");
writeFileSync(file, toSvg(frames, columns, description));
process.stdout.write(`${file}: ${frames.length} frames, ${readFileSync(file).length} bytes\n`);
process.exit(0);
