// A section of the report: its tables, and the ratios with their targets for the overview.

export type Table = { heads: readonly string[]; rows: readonly (readonly string[])[] };
export type Target = { kind: "atMost" | "atLeast"; value: number };
export type Ratio = { what: string; value: number; target: Target | null };
export type Section = { title: string; about: string; tables: readonly Table[]; ratios: readonly Ratio[] };

export const atMost = (value: number): Target => ({ kind: "atMost", value });
export const atLeast = (value: number): Target => ({ kind: "atLeast", value });

export function isMet({ value, target }: Ratio): boolean {
  if (target === null) return true;
  return target.kind === "atMost" ? value <= target.value : value >= target.value;
}

/** Three significant digits. */
export function figure(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export const ms = (value: number): string => `${figure(value)} ms`;
export const times = (value: number): string => value.toFixed(2);
export const count = (value: number): string => value.toLocaleString("en-US");
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
