// What no answer and no line of the log may ever be.
import { apiToken, root, webhookSecret } from "../stand-ins/program.ts";
import type { Answer } from "./answers.ts";
import { markUp } from "./texts.ts";

const secrets = [webhookSecret, apiToken];
const traces = [/\bat .*\(.*:\d+/, /node:internal/, /\.[cm]?[jt]s:\d+/, /node_modules/];

/** What is wrong with an answer, or null. */
export function offenceOfAnswer({ status, head, body }: Answer): string | null {
  const text = `${head}\r\n\r\n${body.toString("utf8")}`;
  if (Number.isNaN(status)) return "an answer that is no HTTP";
  // 503 is an answer: ask again. Whatever else begins with a five is a defect.
  if (status >= 500 && status !== 503) return `status ${status}`;
  if (text.includes(root) || traces.some((trace) => trace.test(text))) return "a stack trace in an answer";
  if (secrets.some((secret) => text.includes(secret))) return "a secret in an answer";
  if (/x-forged/i.test(head)) return "a forged header in an answer";
  if (/\r\ncontent-type: *text\/html/i.test(head) && text.includes(markUp)) return "mark-up from outside";
  // A browser is told on a page, and what is no pipeline has a badge that says so.
  if (/\r\ncontent-type: *(?:text\/html|image\/svg\+xml)/i.test(head)) return null;
  if (body.toString("utf8").startsWith('{"schemaVersion":1,')) return null;
  if (status >= 400 && body.length > 0) return offenceOfProblem(status, head, body.toString("utf8"));
  return null;
}

function offenceOfProblem(status: number, head: string, body: string): string | null {
  if (!/\r\ncontent-type: *application\/problem\+json/i.test(head))
    return `a ${status} that is no problem document`;
  const value = parse(body);
  const isProblem =
    typeof value === "object" && value !== null && "status" in value && value.status === status;
  return isProblem ? null : `a ${status} whose problem document does not say so`;
}

const knownEvents =
  /^(?:webhook(?:\.refused)?|run\.(?:started|succeeded|failed|cancelled)|step\.\w+|notice|tag\.lookedUp|overload)$/;

/** What is wrong with a line of the log, or null. Nothing of the machine's is broken: no store fails, nothing is lost. */
export function offenceOfLine(line: string): string | null {
  const entry = parse(line);
  if (typeof entry !== "object" || entry === null) return "a line of the log that is no JSON";
  if (!("at" in entry && "level" in entry && "event" in entry)) return "a line of the log without its fields";
  if (typeof entry.event !== "string" || !knownEvents.test(entry.event))
    return "a forged or unexpected line of the log";
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
