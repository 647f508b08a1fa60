// Limits by account: never are more of its builds under way than it does at once, and who waits longer is not overtaken.
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { isUnderWay, type PipelineState } from "../../shared/core/run.ts";
import { slotStaleMs } from "../../shared/core/timing.ts";
import { demand } from "./demand.ts";
import type { Item } from "./engine.ts";
import type { Instance } from "./instance.ts";

export type Limits = {
  learn: (pipeline: Pipeline) => void;
  /** Follows a pipeline from one save to the next. */
  follow: (instance: Instance, name: string, state: PipelineState) => void;
  /** Hears of each slot that is taken; `items` are all that are there then. */
  onSlot: (before: Item | undefined, slot: Item, items: readonly Item[]) => void;
  /** The most that each account does at once. */
  most: () => ReadonlyMap<string, number>;
};

type Build = { pass: number; account: string | null };

export function createLimits(now: () => number): Limits {
  const most = new Map<string, number>();
  const changed = new Set<string>();
  const underWay = new Map<string, Map<string, Build>>();
  const overtaken = new Map<string, number>();

  return {
    learn: ({ steps }) => {
      for (const { account } of steps) {
        if (account === null) continue;
        const known = most.get(account.name);
        if (known !== undefined && known !== account.maxParallel) changed.add(account.name);
        most.set(account.name, Math.max(known ?? 0, account.maxParallel));
      }
    },
    follow: (instance, name, { run }) => {
      const settings = instance.pipelines.find((pipeline) => pipeline.name === name)?.steps ?? [];
      const known = underWay.get(name);
      const builds = new Map<string, Build>();
      for (const step of run?.status === "running" ? run.steps : []) {
        if (!isUnderWay(step) || step.triggeredAt === null) continue;
        const key = `${run?.id} ${step.name} ${step.image}`;
        const earlier = known?.get(key);
        // Where it is built was said when it was begun, whatever is configured since.
        const account = settings.find((other) => other.name === step.name)?.account?.name ?? null;
        builds.set(key, earlier?.pass === step.triggeredAt ? earlier : { pass: step.triggeredAt, account });
      }
      underWay.set(name, builds);
      for (const [account, allowed] of most) {
        const all = [...underWay.values()].flatMap((of) => [...of.values()]);
        const found = all.filter((build) => build.account === account).length;
        demand(
          found <= allowed,
          () => `${account} has ${found} builds under way, and ${allowed} are allowed`,
        );
      }
    },
    onSlot: (before, slot, items) => {
      const account = (slot.pk?.S ?? "").slice("account#".length);
      // Who was to be refused under one limit may be next under another.
      if (before !== undefined || changed.has(account)) return;
      const ofAccount = items.filter(({ pk }) => pk?.S === slot.pk?.S);
      const slots = ofAccount.filter(({ sk }) => sk?.S?.startsWith("slot#"));
      const holders = new Set(slots.map(({ holder }) => holder?.S));
      const waits = ofAccount
        .filter(({ sk, holder }) => sk?.S?.startsWith("wait#") && !holders.has(holder?.S))
        .filter(({ seenAt }) => Number(seenAt?.N) > now() - slotStaleMs + agreeMs);
      const ahead = waits.filter(({ sk }) => (sk?.S ?? "") < `wait#${waitOf(slot)}`);
      const left = (most.get(account) ?? 0) - slots.length;
      for (const { sk } of ahead.slice(Math.max(0, left))) {
        const times = (overtaken.get(`${account} ${sk?.S}`) ?? 0) + 1;
        overtaken.set(`${account} ${sk?.S}`, times);
        const allowed = overtakenAtMost * (most.get(account) ?? 0);
        demand(
          times <= allowed,
          () => `${sk?.S} waits for ${account} and is overtaken ${times} times; ${allowed} are allowed`,
        );
      }
    },
    most: () => most,
  };
}

/** Clocks that differ are put right to within a few seconds. */
const agreeMs = 10_000;
/** By builds that begin while it asks itself, of which there are no more than are done at once. */
const overtakenAtMost = 1;

/** Its place in the row, as it would stand in the table. */
function waitOf({ since, holder }: Item): string {
  return `${String(since?.N).padStart(15, "0")}#${holder?.S}`;
}
