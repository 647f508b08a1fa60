// Checks at the end that every slot of an account can be acquired: waiting steps find lost slots and release them.
import type { Account } from "../../../shared/pipeline/pipeline.ts";
import { acquireSlot, releaseSlots } from "../../../shared/relay/account-slots.ts";
import type { Item } from "../engine.ts";
import type { Instance } from "../instance.ts";
import type { SourceStage } from "../sources.ts";
import { mustHold } from "./violation.ts";

const minute = 60_000;

/** Steps of a made-up run acquire every slot of each account, and one more is refused. Then all are released. */
export async function checkEverySlot(
  stage: SourceStage,
  accounts: ReadonlyMap<string, number>,
  live: (untilMs: number) => Promise<void>,
): Promise<void> {
  const { timeline, deployment } = stage;
  for (const [name, maxParallel] of accounts) {
    const probe = (instance: Instance) => acquireAndReleaseAll(stage, instance, { name, maxParallel });
    timeline.after(minute, () => deployment.invoke("probe", probe));
  }
  await live(timeline.now() + 5 * minute);
}

async function acquireAndReleaseAll(
  { check }: SourceStage,
  { relay, pipelines: [pipeline] }: Instance,
  account: Account,
): Promise<void> {
  if (pipeline === undefined) return;
  const since = Math.floor(relay.clock());
  const steps = Array.from({ length: account.maxParallel + 1 }, (_, number) => `probe ${number}`);
  for (const [index, step] of steps.entries()) {
    const event = await acquireSlot(relay, pipeline, {
      kind: "acquireSlot",
      runId: "probe",
      step,
      account,
      since,
    });
    const expected = index < account.maxParallel ? "slotAcquired" : "slotRefused";
    const describe = () =>
      `expected ${expected} for ${step} of account ${account.name}, found ${event?.kind}`;
    check(() => mustHold(event?.kind === expected, describe));
  }
  for (const step of steps) {
    const released = { kind: "releaseSlot", runId: "probe", step, account: account.name, since } as const;
    await releaseSlots(relay, pipeline, [released]);
  }
}

/** A slot that is acquired while nothing fails must be released without a search for lost slots. */
export function checkReleased(items: readonly Item[], since: number): void {
  const kept = items.find(({ takenAt }) => Number(takenAt?.N) >= since);
  mustHold(
    kept === undefined,
    () => `${kept?.pk?.S} still has ${kept?.sk?.S}, acquired by ${kept?.holder?.S}, although its run is over`,
  );
}
