// Parses the entries of a crontab.
import { isTimezone } from "./apscheduler.ts";
import { expandVariables } from "./expand-variables.ts";

export type CrontabLine = {
  line: number;
  /** Null for `@reboot`. */
  cron: string | null;
  timezone: string | null;
  command: string;
  /** The comment in the line above. */
  commentAbove: string;
};
export type Crontab = {
  lines: CrontabLine[];
  /** Lines that are not empty, comments, settings or entries. */
  others: number[];
  /** Where entries are delayed by a random time: `RANDOM_DELAY` or `line 7`. */
  randomDelays: string[];
};

const nicknames = new Map<string, string | null>([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
  ["@reboot", null],
]);

export function readCrontab(text: string): Crontab {
  const lines: CrontabLine[] = [];
  const others: number[] = [];
  const randomDelays: string[] = [];
  const settings = new Map<string, string>();
  let commentAbove = "";
  const rows = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, row] of rows.entries()) {
    const content = row.trim();
    const line = index + 1;
    const setting = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(content);
    const entry = readEntry(content);
    if (setting?.[1] === "RANDOM_DELAY") randomDelays.push("RANDOM_DELAY");
    if (entry?.isRandom === true) randomDelays.push(`line ${line}`);
    if (setting !== null) settings.set(setting[1] ?? "", (setting[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));
    else if (entry !== null) {
      const cronTz = settings.get("CRON_TZ");
      const timezone = cronTz !== undefined && isTimezone(cronTz) ? cronTz : null;
      const command = expandVariables(entry.command.replaceAll("\\%", "%"), settings).text;
      lines.push({ line, cron: entry.cron, timezone, command, commentAbove });
    } else if (content !== "" && !content.startsWith("#")) others.push(line);
    commentAbove = content.startsWith("#") ? content.replace(/^#+\s*/, "") : "";
  }
  return { lines, others, randomDelays };
}

function readEntry(content: string): { cron: string | null; command: string; isRandom: boolean } | null {
  const [, nickname = "", rest = ""] = /^(@\w+)\s+(\S.*)$/.exec(content) ?? [];
  const known = nicknames.get(nickname.toLowerCase());
  if (known !== undefined) return { cron: known, command: rest, isRandom: false };
  const [, cron, command] =
    /^((?:[\d*~][\w*,/~-]*\s+){3}(?:[\w*][\w*,/-]*\s+){2})(\S.*)$/.exec(content) ?? [];
  if (cron === undefined || command === undefined) return null;
  // `0~30` is a random value from 0 to 30, and `~` any value of its field: minute, hour or day of the month. The first is taken.
  const fields = cron.trim().split(/\s+/);
  const fixed = fields.map((field, place) =>
    field.replace(/(\d*)~\d*/g, (_whole, first: string) => first || (place === 2 ? "1" : "0")),
  );
  return { cron: fixed.join(" "), command, isRandom: cron.includes("~") };
}
