// The program's log: one line of JSON for each entry.

export type LogEntry = {
  event: string;
  [key: string]: string | number | null | undefined;
};
export type Log = (level: "info" | "warn" | "error", entry: LogEntry) => void;

/** Long texts are cut, and no text can start a new line. */
export function createLog(write: (line: string) => void, clock: () => number): Log {
  return (level, entry) => {
    const at = new Date(clock()).toISOString();
    const json = JSON.stringify({ at, level, ...entry }, (_key, value) => shorten(value));
    write(`${json.replace(unescapedByJson, escapeCharacter)}\n`);
  };
}

/** Line separators and terminal control characters that JSON does not escape. */
const unescapedByJson = /[\u007f-\u009f\u2028\u2029]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

/** The kind of error that was thrown. Its message may contain a secret. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown error";
}

function shorten(value: unknown): unknown {
  return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}…` : value;
}
