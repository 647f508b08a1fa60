// A notice as lines of text, for whatever shows nothing but text.
import { fitInto, some } from "./fit-into.ts";
import type { Notice } from "./notice.ts";

export type TextLimits = {
  /** How many steps are told of. */
  steps: number;
  /** How long what is said of one of them may be. */
  reason: number;
};

/** `step-1, after 2 attempts: Docker Hub answered 404` */
export function stepText({ name, reason, attempts }: Notice["steps"][number]): string {
  return `${name}${attempts > 1 ? `, after ${attempts} attempts` : ""}: ${reason}`;
}

/** Everything but the title and the address. `write` escapes a character or a link. */
export function linesOf(
  { steps, remarks }: Notice,
  limits: TextLimits,
  write?: (piece: string) => string,
): string[] {
  const { shown, more } = some(steps, limits.steps);
  return [
    ...shown.map((step) => `• ${fitInto(stepText(step), limits.reason, write)}`),
    ...(more === 0 ? [] : [`• and ${more} more`]),
    ...remarks.map((remark) => fitInto(remark, limits.reason, write)),
  ];
}
