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
  /** What delays entries by a random time, as it is named in a note. */
  random: string[];
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
  const random: string[] = [];
  const settings = new Map<string, string>();
  let commentAbove = "";
  const rows = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, row] of rows.entries()) {
    const content = row.trim();
    const line = index + 1;
    const setting = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(content);
    const entry = readEntry(content);
    if (setting?.[1] === "RANDOM_DELAY") random.push("RANDOM_DELAY");
    if (entry?.isRandom === true) random.push(`line ${line}`);
    if (setting !== null) settings.set(setting[1] ?? "", (setting[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));
    else if (entry !== null) {
      const cronTz = settings.get("CRON_TZ");
      const timezone = cronTz !== undefined && isTimezone(cronTz) ? cronTz : null;
      const command = expandVariables(entry.command.replaceAll("\\%", "%"), settings).text;
      lines.push({ line, cron: entry.cron, timezone, command, commentAbove });
    } else if (content !== "" && !content.startsWith("#")) others.push(line);
    commentAbove = content.startsWith("#") ? content.replace(/^#+\s*/, "") : "";
  }
  return { lines, others, random };
}

function readEntry(content: string): { cron: string | null; command: string; isRandom: boolean } | null {
  const [, nickname = "", rest = ""] = /^(@\w+)\s+(\S.*)$/.exec(content) ?? [];
  const known = nicknames.get(nickname.toLowerCase());
  if (known !== undefined) return { cron: known, command: rest, isRandom: false };
  const [, cron, command] =
    /^((?:[\d*~][\w*,/~-]*\s+){2}(?:[\d*~][\w*,/~-]*\s+)(?:[\w*][\w*,/-]*\s+){2})(\S.*)$/.exec(content) ?? [];
  if (cron === undefined || command === undefined) return null;
  // `0~30` is a random minute of these.
  const fixed = cron.replace(/(\d*)~\d*/g, (_whole, first: string) => first || "0");
  return { cron: fixed.trim().replace(/\s+/g, " "), command, isRandom: fixed !== cron };
}
