// The program's own record: one line of JSON for each thing that happened.

export type LogEntry = {
  event: string;
  [key: string]: string | number | null | undefined;
};
export type Log = (level: "info" | "warn" | "error", entry: LogEntry) => void;

/** JSON escapes what could break a line. Strings from outside are cut to a length that a line can bear. */
export function createLog(write: (line: string) => void, clock: () => number): Log {
  return (level, entry) => {
    const at = new Date(clock()).toISOString();
    write(`${JSON.stringify({ at, level, ...entry }, (_key, value) => shorten(value))}\n`);
  };
}

function shorten(value: unknown): unknown {
  return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}…` : value;
}
