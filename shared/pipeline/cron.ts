// Parses five-field cron expressions, and rejects what different programs understand differently.

type Field = {
  label: string;
  min: number;
  max: number;
  names: readonly string[];
};

const fields: readonly Field[] = [
  { label: "minute", min: 0, max: 59, names: [] },
  { label: "hour", min: 0, max: 23, names: [] },
  { label: "day of the month", min: 1, max: 31, names: [] },
  {
    label: "month",
    min: 1,
    max: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  // 0 and 7 are both Sunday.
  {
    label: "day of the week",
    min: 0,
    max: 7,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  },
];

/** The values that each field allows. A field that begins with `*` is open. */
export type Cron = { fields: { open: boolean; values: number[] }[] };
export type ParsedCron = { kind: "cron"; cron: Cron } | { kind: "problem"; problem: string };

export function parseCron(expression: string): ParsedCron {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return {
      kind: "problem",
      problem: `expected five fields (minute, hour, day of the month, month, day of the week), found ${parts.length} in ${JSON.stringify(expression)}`,
    };
  }
  const parsed: Cron["fields"] = [];
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? "";
    const values = parseField(part, field);
    if (values === null) {
      return {
        kind: "problem",
        problem: `expected ${expectation(field)} as ${field.label}, found ${JSON.stringify(part)} in ${JSON.stringify(expression)}`,
      };
    }
    parsed.push({ open: part.startsWith("*"), values });
  }
  if (isImpossible(parsed)) {
    return {
      kind: "problem",
      problem: `expected a date that exists, found none in ${JSON.stringify(expression)}`,
    };
  }
  return { kind: "cron", cron: { fields: parsed } };
}

function expectation({ min, max, names }: Field): string {
  const numbers = `${min} to ${max}`;
  const words = names.length === 0 ? numbers : `${numbers}, ${names[0]} to ${names.at(-1)}`;
  return `${words}, ranges, lists or steps of them, or *`;
}

function parseField(text: string, field: Field): number[] | null {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    if (match === null) return null;
    const [, star, first, last, step] = match;
    const from = star === undefined ? readValue(first, field) : field.min;
    const to = star !== undefined ? field.max : last === undefined ? from : readValue(last, field);
    const by = step === undefined ? 1 : Number(step);
    // `5/20` means `5-59/20` to some programs and `5` to others.
    const isStepOfOne = step !== undefined && star === undefined && last === undefined;
    if (from === null || to === null || from > to || by < 1 || by > field.max || isStepOfOne) return null;
    for (let value = from; value <= to; value += by) values.add(field.max === 7 ? value % 7 : value);
  }
  return [...values].sort((a, b) => a - b);
}

function readValue(text: string | undefined, { min, max, names }: Field): number | null {
  if (text === undefined) return null;
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return named + min;
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/** `0 0 31 2 *`: no month has that day, and the day of the week does not allow others. */
function isImpossible(parsed: Cron["fields"]): boolean {
  const [, , days, months, weekdays] = parsed;
  if (days === undefined || months === undefined || weekdays?.open === false) return false;
  const longest = Math.max(
    ...months.values.map((month) => (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31)),
  );
  return days.values.every((day) => day > longest);
}
