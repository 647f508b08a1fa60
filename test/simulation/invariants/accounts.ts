// Checks `maxParallel` of accounts: never more builds than allowed, and slots go to steps in the order of waiting.
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import { isUnderWay, type PipelineState } from "../../../shared/run/state.ts";
import { slotStaleMs } from "../../../shared/run/timing.ts";
import type { Item } from "../engine.ts";
import type { Instance } from "../instance.ts";
import { mustHold } from "./violation.ts";

export type AccountChecks = {
  learn: (pipeline: Pipeline) => void;
  /** Follows a pipeline from one save to the next. */
  follow: (instance: Instance, name: string, state: PipelineState) => void;
  /** A slot was acquired; `items` are all items of the table. */
  onSlot: (before: Item | undefined, slot: Item, items: readonly Item[]) => void;
  /** The highest `maxParallel` that each account had. */
  highestLimits: () => ReadonlyMap<string, number>;
};

type Build = { pass: number; account: string | null };

export function createAccountChecks(now: () => number): AccountChecks {
  const highestLimits = new Map<string, number>();
  const changed = new Set<string>();
  const underWay = new Map<string, Map<string, Build>>();
  const overtaken = new Map<string, number>();

  return {
    learn: ({ steps }) => {
      for (const { account } of steps) {
        if (account === null) continue;
        const known = highestLimits.get(account.name);
        if (known !== undefined && known !== account.maxParallel) changed.add(account.name);
        highestLimits.set(account.name, Math.max(known ?? 0, account.maxParallel));
      }
    },
    follow: (instance, name, { run }) => {
      const configured = instance.pipelines.find((pipeline) => pipeline.name === name)?.steps ?? [];
      const known = underWay.get(name);
      const builds = new Map<string, Build>();
      for (const step of run?.status === "running" ? run.steps : []) {
        if (!isUnderWay(step) || step.triggeredAt === null) continue;
        const key = `${run?.id} ${step.name} ${step.image}`;
        const earlier = known?.get(key);
        // A build stays on the account that it started on, even if the configuration changes.
        const account = configured.find((other) => other.name === step.name)?.account?.name ?? null;
        builds.set(key, earlier?.pass === step.triggeredAt ? earlier : { pass: step.triggeredAt, account });
      }
      underWay.set(name, builds);
      for (const [account, allowed] of highestLimits) {
        const all = [...underWay.values()].flatMap((of) => [...of.values()]);
        const found = all.filter((build) => build.account === account).length;
        mustHold(
          found <= allowed,
          () => `${account} has ${found} builds under way; at most ${allowed} allowed`,
        );
      }
    },
    onSlot: (before, slot, items) => {
      const account = (slot.pk?.S ?? "").slice("account#".length);
      // After a change of the limit, a refused step may be next.
      if (before !== undefined || changed.has(account)) return;
      const ofAccount = items.filter(({ pk }) => pk?.S === slot.pk?.S);
      const slots = ofAccount.filter(({ sk }) => sk?.S?.startsWith("slot#"));
      const holders = new Set(slots.map(({ holder }) => holder?.S));
      const waits = ofAccount
        .filter(({ sk, holder }) => sk?.S?.startsWith("wait#") && !holders.has(holder?.S))
        .filter(({ seenAt }) => Number(seenAt?.N) > now() - slotStaleMs + agreeMs);
      const ahead = waits.filter(({ sk }) => (sk?.S ?? "") < `wait#${waitOf(slot)}`);
      const left = (highestLimits.get(account) ?? 0) - slots.length;
      for (const { sk } of ahead.slice(Math.max(0, left))) {
        const times = (overtaken.get(`${account} ${sk?.S}`) ?? 0) + 1;
        overtaken.set(`${account} ${sk?.S}`, times);
        const allowed = maxOvertaken * (highestLimits.get(account) ?? 0);
        mustHold(
          times <= allowed,
          () => `${sk?.S} waits for ${account} and was overtaken ${times} times; at most ${allowed} allowed`,
        );
      }
    },
    highestLimits: () => highestLimits,
  };
}

/** Clock differences are corrected to within a few seconds. */
const agreeMs = 10_000;
/** Per slot: a build may start while the waiting step makes its own request. */
const maxOvertaken = 1;

/** The sort key that its place in line had. */
function waitOf({ since, holder }: Item): string {
  return `${String(since?.N).padStart(15, "0")}#${holder?.S}`;
}
