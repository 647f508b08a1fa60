// Prints an output as it comes until the build is over, and connects again where it was when the connection is lost. Ctrl-C stops
// following, but not the build.

import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { parseJson } from "../../../shared/validation/parse-json.ts";
import { CliError, type ExitCode, exitCodes } from "../cli-error.ts";
import type { Client } from "../client.ts";
import type { Io } from "../io.ts";
import { toSingleLine } from "../text.ts";
import { readEvents, type ServerSentEvent } from "./read-events.ts";

/** The server sends something every 15 seconds. */
const silenceMs = 45_000;
const giveUpMs = 10 * 60_000;
const firstRetryMs = 250;
const maxRetryMs = 5_000;

const outputData = z.object({ text: z.string() });
const omittedData = z.object({ bytes: z.number() });
const failedData = z.object({ attempt: z.number().optional(), reason: z.string() });
const endData = z.object({ outcome: z.string(), reason: z.string().optional() });

export async function followOutput(io: Io, client: Client, path: string): Promise<ExitCode> {
  const stopping = new AbortController();
  const interrupt = () => stopping.abort();
  process.on("SIGINT", interrupt);
  // As by `head`.
  io.stdout.once("close", interrupt);
  const reader = { io, client, path, lastEventId: null, hasBegun: false };
  try {
    return await followUntilEnd(reader, stopping.signal);
  } finally {
    process.removeListener("SIGINT", interrupt);
    io.stdout.removeListener("close", interrupt);
  }
}

type Reader = { io: Io; client: Client; path: string; lastEventId: string | null; hasBegun: boolean };

async function followUntilEnd(reader: Reader, signal: AbortSignal): Promise<ExitCode> {
  const say = (text: string) => reader.io.stderr.write(`tagrelay: ${text}\n`);
  let lostSince: number | null = null;
  for (let waitMs = firstRetryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, maxRetryMs)) {
    const before = reader.lastEventId;
    const exitCode = await connectOnce(reader, signal).catch((error: unknown) => {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      // A wrong address is reported at once.
      if (!reader.hasBegun || Date.now() - (lostSince ?? Date.now()) > giveUpMs) throw error;
      return null;
    });
    if (exitCode !== null) return exitCode;
    if (signal.aborted) break;
    if (reader.lastEventId !== before) {
      lostSince = null;
      waitMs = firstRetryMs;
    }
    if (lostSince === null)
      say(`the connection to ${reader.client.url} was lost; connecting again (Ctrl-C stops)`);
    lostSince ??= Date.now();
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
  say("stopped following; the build continues");
  return exitCodes.interrupted;
}

/** Null if the connection was lost. */
async function connectOnce(reader: Reader, signal: AbortSignal): Promise<ExitCode | null> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silenceMs);
  try {
    const both = AbortSignal.any([signal, silent.signal]);
    const response = await reader.client.openOutput(reader.path, reader.lastEventId, both);
    reader.hasBegun = true;
    if (response.status === 204) return exitCodes.success;
    if (!response.headers.get("content-type")?.startsWith("text/event-stream") || response.body === null) {
      // An older Tagrelay, which only has what there is now.
      reader.io.stdout.write(await response.text());
      return exitCodes.success;
    }
    for await (const event of readEvents(response.body)) {
      timer.refresh();
      if (event === "comment") continue;
      const exitCode = await show(reader.io, event);
      if (exitCode !== null) return exitCode;
      reader.lastEventId = event.id ?? reader.lastEventId;
    }
    return null;
  } catch (error) {
    if (error instanceof CliError && !signal.aborted) throw error;
    return null;
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}

function once(stream: Writable, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) stream.once(event, () => resolve());
  });
}

/** The exit code of an event that is the last one. */
async function show({ stdout, stderr }: Io, { name, data }: ServerSentEvent): Promise<ExitCode | null> {
  const value = parseJson(data);
  switch (name) {
    case "output": {
      const { text } = outputData.parse(value);
      // A slow terminal or pipe holds the server back, instead of filling the memory here.
      if (!stdout.write(text)) await once(stdout, ["drain", "close"]);
      return null;
    }
    case "omitted":
      stderr.write(`tagrelay: ${omittedData.parse(value).bytes} bytes omitted\n`);
      return null;
    case "failed": {
      const { attempt, reason } = failedData.parse(value);
      stderr.write(
        `tagrelay: ${attempt === undefined ? "" : `attempt ${attempt} `}failed: ${toSingleLine(reason)}\n`,
      );
      return null;
    }
    case "end": {
      const { outcome, reason } = endData.parse(value);
      stderr.write(`tagrelay: ${outcome}${reason === undefined ? "" : `: ${toSingleLine(reason)}`}\n`);
      return outcome === "succeeded" || outcome === "fresh" ? exitCodes.success : exitCodes.failure;
    }
    default:
      return null;
  }
}
