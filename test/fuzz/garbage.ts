// Generates malformed HTTP: wrong lengths, invalid heads and noise.

import type { Random } from "../random.ts";
import { pickMaker } from "./pick-maker.ts";
import { type FuzzRequest, type Known, makeTarget, type Target, writeRequest } from "./requests.ts";

export function makeGarbage(random: Random, known: Known): FuzzRequest {
  const target = makeTarget(random, known);
  const kind = random.pick(["lengths", "chunks", "head", "line", "noise", "cut", "changed"]);
  const bytes = garble(random, kind, target);
  return { kind: `garbage: ${kind}`, bytes, method: "GET", isHttp: false, isComplete: false };
}

function garble(random: Random, kind: string, target: Target): Buffer {
  const { method, path, headers, body } = target;
  const head = (first: string, lines: readonly string[]) =>
    Buffer.from([first, ...lines, "", ""].join("\r\n"), "latin1");
  const usual = `${method} ${path} HTTP/1.1`;
  const hosted = ["Host: 127.0.0.1", ...headers];
  const { bytes: right } = writeRequest(random, target);
  switch (kind) {
    case "lengths":
      return Buffer.concat([head(usual, [...hosted, wrongLength(random, body.length)]), body]);
    case "chunks":
      return Buffer.concat([
        head(usual, [...hosted, "Transfer-Encoding: chunked"]),
        wrongChunks(random, body),
      ]);
    case "head":
      return Buffer.concat([head(usual, [...hosted, wrongHeader(random)]), body]);
    case "line":
      return Buffer.concat([head(wrongLine(random, method, path), hosted), body]);
    case "cut":
      return right.subarray(0, random.integer(0, right.length - 1));
    case "changed":
      return change(random, right);
    default:
      return noise(random);
  }
}

function wrongLength(random: Random, length: number): string {
  return random.pick([
    `Content-Length: ${length + 1 + random.integer(0, 1_000 - 1)}`,
    `Content-Length: ${random.integer(0, length + 1 - 1)}`,
    "Content-Length: -1",
    "Content-Length: 1e3",
    "Content-Length: 99999999999999999999",
    "Content-Length: 9007199254740993",
    "Content-Length: 0x10",
    "Content-Length:",
    `Content-Length: ${length}\r\nContent-Length: ${length + 1}`,
    `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
  ]);
}

function wrongChunks(random: Random, body: Buffer): Buffer {
  const size = body.length.toString(16);
  const [before, after] = random.pick([
    ["zz\r\n", "\r\n0\r\n\r\n"],
    [`${size}\r\n`, ""],
    [`${size}\r\n`, "0\r\n\r\n"],
    ["ffffffffffffffff\r\n", "\r\n"],
    ["-1\r\n", "\r\n0\r\n\r\n"],
    [`${size};${"x".repeat(20_000)}\r\n`, "\r\n0\r\n\r\n"],
    [`${size}\n`, "\n0\n\n"],
    [`${size}\r\n`, `\r\n0\r\n${"X-T: x\r\n".repeat(3_000)}\r\n`],
    ["1\r\n", "\r\n0\r\n\r\n"],
    ["0\r\n\r\n", ""],
  ]);
  return Buffer.concat([Buffer.from(before ?? ""), body, Buffer.from(after ?? "")]);
}

function wrongHeader(random: Random): string {
  return pickMaker(random, [
    () => "X-Control: a\u0000b",
    () => "X-Return: a\rb",
    () => "X-Line: a\nb: c",
    () => "X Space: a",
    () => ": none",
    () => "no colon",
    () => " folded: a\r\n b",
    () => `X-Huge: ${"x".repeat(20_000 + random.integer(0, 100_000 - 1))}`,
    () => Array.from({ length: 3_000 }, (_, index) => `X${index}:`).join("\r\n"),
    () => "Host: another",
    () => "Expect: what-nobody-knows",
    () => "Connection: close, keep-alive, upgrade",
    () => "Transfer-Encoding : chunked",
    () => `${"x".repeat(20_000)}: a`,
  ]);
}

function wrongLine(random: Random, method: string, path: string): string {
  return pickMaker(random, [
    () =>
      `${random.pick(["BREW", "get", "pOsT", "CONNECT", "PRI", "\u0000GET", "GET\t", ""])} ${path} HTTP/1.1`,
    () => `${method} ${path} HTTP/${random.pick(["0.9", "1.0", "1.2", "2.0", "9.9", "1.1.1", "x", ""])}`,
    () => `${method} ${path}`,
    () => `${method}  ${path}  HTTP/1.1`,
    () => `${method} ${path} ${path} HTTP/1.1`,
    () => `${method} /${"x".repeat(20_000 + random.integer(0, 200_000 - 1))} HTTP/1.1`,
    () => `${method} /a b\u0000c HTTP/1.1`,
    () => `CONNECT ${random.pick(["x:443", "127.0.0.1:22", path])} HTTP/1.1`,
    () => "PRI * HTTP/2.0",
    () => `\r\n\r\n\n${method} ${path} HTTP/1.1`,
    () => `${method} ${path} ICE/1.0`,
  ]);
}

function noise(random: Random): Buffer {
  const bytes = Buffer.from(
    Array.from({ length: 1 + random.integer(0, 400 - 1) }, () => random.integer(0, 256 - 1)),
  );
  const start = random.pick([
    [],
    [0x16, 0x03, 0x01, 0x02, 0x00],
    [0x00],
    [0x0d, 0x0a],
    [0x47, 0x45, 0x54, 0x20],
  ]);
  return Buffer.concat([Buffer.from(start), bytes]);
}

function change(random: Random, right: Buffer): Buffer {
  const bytes = Buffer.from(right);
  for (let times = 1 + random.integer(0, 6 - 1); times > 0; times -= 1) {
    // Mostly within the head, which has the most rules.
    bytes[random.integer(0, Math.min(bytes.length, 400) - 1)] = random.integer(0, 256 - 1);
  }
  return bytes;
}
