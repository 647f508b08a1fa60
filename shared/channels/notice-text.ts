// Writes a notice as lines of text.
import type { Notice, NoticeStep } from "../kinds/channel.ts";
import { firstOf, fitInto } from "./fit-into.ts";

export type TextLimits = {
  maxSteps: number;
  /** The length of a line, such as a step with its reason. */
  maxLine: number;
};

type Write = (piece: string) => string;

/** `step-1, after 2 attempts since 2026-11-21 02:00 UTC: Docker Hub answered 404 https://hub.docker.com/…` */
export function stepText(
  { name, reason, attempts, triedSince, url }: NoticeStep,
  maxLine: number,
  write?: Write,
): string {
  const since = triedSince === null ? "" : ` since ${minuteOf(triedSince)} UTC`;
  const text = `${name}${attempts > 1 ? `, after ${attempts} attempts${since}` : ""}: ${reason}`;
  // A link that is cut leads nowhere, so the reason is cut instead.
  const link = url === null || url.length > maxLine / 2 ? "" : ` ${fitInto(url, maxLine, write)}`;
  return `${fitInto(text, maxLine - link.length, write)}${link}`;
}

/** `2026-11-21 03:00` */
function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

/** The page of the run, unless its URL is too long for a channel. */
export function linkOf({ url }: Notice): string | null {
  return url === null || url.length > 2_000 ? null : url;
}

/** Everything but the title and the URL. `write` escapes a character or a link. */
export function linesOf(
  { steps, stepsLeftOut, remarks }: Notice,
  { maxSteps, maxLine }: TextLimits,
  write?: Write,
): string[] {
  const { shown, more } = firstOf(steps, maxSteps, stepsLeftOut);
  return [
    ...shown.map((step) => `• ${stepText(step, maxLine, write)}`),
    ...(more === 0 ? [] : [`• and ${more} more`]),
    ...remarks.map((remark) => fitInto(remark, maxLine, write)),
  ];
}

/** As many whole lines as fit: first what failed and what to do about it, then the rest. */
export function bodyOf(
  notice: Notice,
  { maxLength, ...limits }: TextLimits & { maxLength: number },
  write?: Write,
  lengthOf: (text: string) => number = (text) => text.length,
): string {
  const lines = linesOf(notice, limits, write);
  const steps = lines.length - notice.remarks.length;
  const places = [...lines.keys()];
  const byImportance = [
    ...places.slice(0, 1),
    ...places.slice(Math.max(1, steps)).reverse(),
    ...places.slice(1, steps),
  ];
  const kept = new Set<number>();
  let length = lengthOf("…");
  for (const place of byImportance) {
    const longer = length + lengthOf(`${lines[place] ?? ""}\n`);
    if (longer > maxLength) continue;
    length = longer;
    kept.add(place);
  }
  const text = lines.filter((_, place) => kept.has(place)).join("\n");
  return kept.size === lines.length ? text : `${text}…`;
}
