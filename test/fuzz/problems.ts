// Finds problems in answers and log lines: crashes, leaked secrets, traces and injected text.
import { apiToken, root, webhookSecret } from "../stand-ins/program.ts";
import type { Answer } from "./answers.ts";
import { markup } from "./texts.ts";

const secrets = [webhookSecret, apiToken];
const traces = [/\bat .*\(.*:\d+/, /node:internal/, /\.[cm]?[jt]s:\d+/, /node_modules/];

/** The problem of an answer; null if there is none. */
export function problemOfAnswer({ status, head, body }: Answer): string | null {
  const text = `${head}\r\n\r\n${body.toString("utf8")}`;
  if (Number.isNaN(status)) return "an answer that is not HTTP";
  // 503 asks the client to retry. Any other 5xx is a bug.
  if (status >= 500 && status !== 503) return `status ${status}`;
  if (text.includes(root) || traces.some((trace) => trace.test(text))) return "a stack trace in an answer";
  if (secrets.some((secret) => text.includes(secret))) return "a secret in an answer";
  if (/x-forged/i.test(head)) return "a forged header in an answer";
  if (/\r\ncontent-type: *text\/html/i.test(head) && text.includes(markup)) return "injected markup";
  // Browsers get an error page, and unknown pipelines a badge.
  if (/\r\ncontent-type: *(?:text\/html|image\/svg\+xml)/i.test(head)) return null;
  if (body.toString("utf8").startsWith('{"schemaVersion":1,')) return null;
  if (status >= 400 && body.length > 0) return problemOfDocument(status, head, body.toString("utf8"));
  return null;
}

function problemOfDocument(status: number, head: string, body: string): string | null {
  if (!/\r\ncontent-type: *application\/problem\+json/i.test(head))
    return `a ${status} without a problem document`;
  const value = parse(body);
  const isProblem =
    typeof value === "object" && value !== null && "status" in value && value.status === status;
  return isProblem ? null : `a ${status} whose problem document has another status`;
}

const knownEvents =
  /^(?:webhook(?:\.refused)?|run\.(?:started|succeeded|failed|cancelled)|step\.\w+|notice|tag\.lookedUp|overload)$/;

/** The problem of a log line; null if there is none. Events about failures of the store are unexpected here. */
export function problemOfLine(line: string): string | null {
  const entry = parse(line);
  if (typeof entry !== "object" || entry === null) return "a log line that is not JSON";
  if (!("at" in entry && "level" in entry && "event" in entry)) return "a log line without its fields";
  if (typeof entry.event !== "string" || !knownEvents.test(entry.event))
    return "a forged or unexpected log line";
  if (secrets.some((secret) => line.includes(secret))) return "a secret in the log";
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
