// Decides at random what a proxy does to a connection.
import type { Random } from "../random.ts";

export const faults = ["none", "delayed", "cutBefore", "cutAfter", "cutWithin", "duplicated"] as const;
export type Fault = (typeof faults)[number];

export type Plan = {
  fault: Fault;
  /** How long the request and the answer are delayed. */
  requestDelayMs: number;
  answerDelayMs: number;
  /** How much of the answer is passed on before the cut; every answer is longer. */
  answerBytes: number;
  /** Cut by a reset instead of an ordinary end. */
  reset: boolean;
  /** How long after the request its copy is sent. */
  copyDelayMs: number;
};

export const undisturbed: Plan = {
  fault: "none",
  requestDelayMs: 0,
  answerDelayMs: 0,
  answerBytes: 0,
  reset: false,
  copyDelayMs: 0,
};

const shares: [Fault, number][] = [
  ["delayed", 0.15],
  ["cutBefore", 0.04],
  ["cutAfter", 0.04],
  ["cutWithin", 0.04],
  ["duplicated", 0.08],
];

export function drawPlan(random: Random): Plan {
  const fault = drawFault(random.next());
  const plan: Plan = { ...undisturbed, fault, reset: random.chance(0.5) };
  switch (fault) {
    case "none":
    case "cutBefore":
      return plan;
    case "cutAfter":
      return { ...plan, answerDelayMs: random.integer(0, 50) };
    case "cutWithin":
      return { ...plan, answerBytes: random.integer(1, 120) };
    case "duplicated":
      return { ...plan, copyDelayMs: random.chance(0.5) ? 0 : random.integer(1, 1_000) };
    case "delayed": {
      // Sometimes longer than the program waits for the answer to a trigger.
      const longestMs = random.chance(0.03) ? 12_000 : 1_200;
      const delayMs = random.integer(10, longestMs);
      return random.chance(0.5) ? { ...plan, requestDelayMs: delayMs } : { ...plan, answerDelayMs: delayMs };
    }
  }
}

function drawFault(drawn: number): Fault {
  let reached = 0;
  for (const [fault, share] of shares) {
    reached += share;
    if (drawn < reached) return fault;
  }
  return "none";
}
