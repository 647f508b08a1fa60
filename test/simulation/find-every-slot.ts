// When all is quiet, each slot of an account can be taken: whatever was lost is found by those who wait, and swept away.
import type { Account } from "../../shared/core/pipeline.ts";
import { freeSlots, takeSlot } from "../../shared/relay/account-slots.ts";
import { demand } from "./demand.ts";
import type { Item } from "./engine.ts";
import type { Instance } from "./instance.ts";
import type { SourceStage } from "./sources.ts";

const minute = 60_000;

/** Steps that nobody has configured take all slots of each account, one more waits for its turn, and all give way. */
export async function findEverySlot(
  stage: SourceStage,
  accounts: ReadonlyMap<string, number>,
  live: (untilMs: number) => Promise<void>,
): Promise<void> {
  const { timeline, deployment } = stage;
  for (const [name, maxParallel] of accounts) {
    const probe = (instance: Instance) => takeAndGiveBack(stage, instance, { name, maxParallel });
    timeline.after(minute, () => deployment.invoke("probe", probe));
  }
  await live(timeline.now() + 5 * minute);
}

async function takeAndGiveBack(
  { check }: SourceStage,
  { relay, pipelines: [pipeline] }: Instance,
  account: Account,
): Promise<void> {
  if (pipeline === undefined) return;
  const since = Math.floor(relay.clock());
  const steps = Array.from({ length: account.maxParallel + 1 }, (_, number) => `probe ${number}`);
  for (const [index, step] of steps.entries()) {
    const event = await takeSlot(relay, pipeline, { kind: "takeSlot", runId: "probe", step, account, since });
    const expected = index < account.maxParallel ? "slotTaken" : "slotRefused";
    const what = () => `${account.name} has lost a slot: ${event?.kind} for ${step}, expected ${expected}`;
    check(() => demand(event?.kind === expected, what));
  }
  for (const step of steps) {
    const freed = { kind: "freeSlot", runId: "probe", step, account: account.name, since } as const;
    await freeSlots(relay, pipeline, [freed]);
  }
}

/** What is taken while nothing fails is given back, too, and nobody has to find it. */
export function checkGivenBack(items: readonly Item[], since: number): void {
  const kept = items.find(({ takenAt }) => Number(takenAt?.N) >= since);
  demand(
    kept === undefined,
    () => `${kept?.pk?.S} has ${kept?.sk?.S} taken by ${kept?.holder?.S}, whose run is over`,
  );
}
