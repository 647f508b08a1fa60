// The items of an account: one per slot that is held, and one per step that waits.
import type { Holder, Slot } from "../slots.ts";
import type { Item } from "./requests.ts";

export type NumberedSlot = Slot & { number: number };
export type Wait = Holder & { sk: string; seenAt: number };

export function holderAttributes(holder: Holder): Item {
  return {
    holder: { S: nameOf(holder) },
    pipeline: { S: holder.pipeline },
    runId: { S: holder.runId },
    step: { S: holder.step },
    since: { N: String(holder.since) },
  };
}

export function readSlot(item: Item): NumberedSlot | null {
  const [, number] = /^slot#(\d+)$/.exec(item.sk?.S ?? "") ?? [];
  if (number === undefined) return null;
  return { ...readHolder(item), number: Number(number), takenAt: Number(item.takenAt?.N) };
}

export function readWait(item: Item): Wait | null {
  const sk = item.sk?.S ?? "";
  return isWait(item) ? { ...readHolder(item), sk, seenAt: Number(item.seenAt?.N) } : null;
}

export function isWait({ sk }: Item): boolean {
  return sk?.S?.startsWith("wait#") ?? false;
}

function readHolder({ pipeline, runId, step, since }: Item): Holder {
  return { pipeline: pipeline?.S ?? "", runId: runId?.S ?? "", step: step?.S ?? "", since: Number(since?.N) };
}

export function holderOf({ pipeline, runId, step, since }: Holder): Holder {
  return { pipeline, runId, step, since };
}

export function nameOf({ runId, step, since }: Holder): string {
  return `${runId}#${step}#${since}`;
}

export function isSame(one: Holder, other: Holder): boolean {
  return nameOf(one) === nameOf(other);
}
