// The program's own record: one line of JSON for each thing that happened.

export type LogEntry = {
  event: string;
  [key: string]: string | number | null | undefined;
};
export type Log = (level: "info" | "warn" | "error", entry: LogEntry) => void;

/** Strings from outside are cut to a length that a line can bear, and cannot break it. */
export function createLog(write: (line: string) => void, clock: () => number): Log {
  return (level, entry) => {
    const at = new Date(clock()).toISOString();
    const json = JSON.stringify({ at, level, ...entry }, (_key, value) => shorten(value));
    write(`${json.replace(leftByJson, escapeCharacter)}\n`);
  };
}

/** Ends of lines and terminals' control characters that JSON does not escape. */
const leftByJson = /[\u007f-\u009f\u2028\u2029]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function shorten(value: unknown): unknown {
  return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}…` : value;
}
