// Writes a notice as lines of text.
import type { Notice } from "../kinds/channel.ts";
import { firstOf, fitInto } from "./fit-into.ts";

export type TextLimits = {
  maxSteps: number;
  /** The length of a line, such as a step with its reason. */
  maxLine: number;
};

/** `step-1, after 2 attempts: Docker Hub answered 404` */
export function stepText({ name, reason, attempts }: Notice["steps"][number]): string {
  return `${name}${attempts > 1 ? `, after ${attempts} attempts` : ""}: ${reason}`;
}

/** The page of the run, unless its URL is too long for a channel. */
export function linkOf({ url }: Notice): string | null {
  return url === null || url.length > 2_000 ? null : url;
}

/** Everything but the title and the URL. `write` escapes a character or a link. */
export function linesOf(
  { steps, remarks }: Notice,
  { maxSteps, maxLine }: TextLimits,
  write?: (piece: string) => string,
): string[] {
  const { shown, more } = firstOf(steps, maxSteps);
  return [
    ...shown.map((step) => `• ${fitInto(stepText(step), maxLine, write)}`),
    ...(more === 0 ? [] : [`• and ${more} more`]),
    ...remarks.map((remark) => fitInto(remark, maxLine, write)),
  ];
}

/** As many whole lines as fit. */
export function joinLines(
  lines: readonly string[],
  maxLength: number,
  lengthOf: (text: string) => number = (text) => text.length,
): string {
  let text = "";
  for (const line of lines) {
    const longer = `${text}${text === "" ? "" : "\n"}${line}`;
    if (lengthOf(`${longer}…`) > maxLength) return `${text}…`;
    text = longer;
  }
  return text;
}
