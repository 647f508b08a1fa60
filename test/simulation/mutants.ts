// Defects that the simulation has to find: each is a change of the program's source, made while it is loaded.

export type Mutant = {
  name: string;
  changes: readonly Change[];
  /** A world that finds it, where few do: often one that has found it in earnest. */
  world?: number;
};
/** In a file of shared/, one text in the place of another that stands there once. */
export type Change = { file: string; from: string; to: string };

export const mutants: readonly Mutant[] = [
  {
    name: "the version is not checked",
    changes: [
      { file: "store/dynamodb-store.ts", from: 'ConditionExpression: "version = :version",', to: "" },
    ],
  },
  {
    name: "a trigger is sent before it is saved",
    changes: [
      {
        file: "relay/apply.ts",
        from: "const saved = await relay.store.save(",
        to: "await performAll(relay, pipeline, actions); const saved = await relay.store.save(",
      },
      {
        file: "relay/apply.ts",
        from: "return { loaded: saved.loaded, outcome, actions };",
        to: "return { loaded: saved.loaded, outcome, actions: [] };",
      },
    ],
  },
  {
    name: "wakeAt is forgotten",
    changes: [{ file: "store/dynamodb-store.ts", from: "...(wakeAt === null", to: "...(true" }],
  },
  {
    name: "every webhook is believed",
    changes: [{ file: "core/take-push.ts", from: 'pipeline.confirm === "webhook"', to: "true" }],
  },
  {
    name: "no tag is looked up before its trigger is sent again",
    changes: [
      {
        file: "core/advance.ts",
        from: 'due.state !== "due" || due.triggeredAt !== null',
        to: 'due.state !== "due"',
      },
      {
        file: "core/decide.ts",
        from: "if (step.triggeredAt === null) return step;",
        to: 'if (step.triggeredAt === null || step.state === "due") return step;',
      },
    ],
  },
  {
    name: "no tag is looked up before its step is failed for time",
    changes: [
      {
        file: "core/decide.ts",
        from: "return lookUp(step, now);",
        to: 'return { ...lookUp(step, now), ...(step.state === "building" && (step.giveUpAt ?? 0) <= now ? { state: "failed" as const, failedAt: now, reason: "late" } : {}) };',
      },
    ],
  },
  {
    name: "a notice is not kept until it is sent",
    changes: [
      {
        file: "core/errands.ts",
        from: "errands: [...others, ...errands] }",
        to: "errands: others }",
      },
    ],
  },
  {
    name: "a redeploy does not keep the order",
    world: 3109069810,
    changes: [
      {
        file: "core/reconcile.ts",
        from: "after.some((other) => isBegunBefore(step, kept.get(other)))",
        to: "false",
      },
    ],
  },
  {
    name: "clocks that differ are not put right",
    world: 586451,
    changes: [
      {
        file: "store/store-clock.ts",
        from: "clockDifferenceMs(sentAt, own(), date)",
        to: "Number(sentAt === own() && date === null)",
      },
    ],
  },
  {
    name: "retries are not counted",
    world: 1343066817,
    changes: [
      {
        file: "core/step-transitions.ts",
        from: "claim({ ...step, retried: step.retried + 1,",
        to: "claim({ ...step, retried: step.retried,",
      },
      {
        file: "core/step-transitions.ts",
        from: "again = { ...step, retried: step.retried + 1,",
        to: "again = { ...step, retried: step.retried,",
      },
    ],
  },
  {
    name: "a redeploy leaves out what now comes after the run's steps",
    world: 2163115428,
    changes: [
      { file: "core/reconcile.ts", from: 'step.state === "skipped" && scope.has(name)', to: "false" },
    ],
  },
  {
    name: "a push that was told of in an earlier run counts in the next",
    world: 1339095269,
    changes: [
      { file: "core/confirm.ts", from: "triggeredAt === null || heardAt >= triggeredAt", to: "true" },
    ],
  },
  {
    name: "more is built at once than the pipeline says",
    changes: [{ file: "core/advance.ts", from: "free > 0 && ", to: "" }],
  },
  {
    name: "what was built before its new base is left as it is",
    world: 1227308515,
    changes: [{ file: "core/reconcile.ts", from: "step.triggeredAt < before.doneAt", to: "false" }],
  },
  {
    name: "a pipeline is not started again that could not be when it was to",
    world: 4263684053,
    changes: [
      {
        file: "relay/perform.ts",
        from: 'return asked?.outcome.kind === "advanced" || asked?.outcome.kind === "duplicate";',
        to: "return true;",
      },
    ],
  },
  {
    name: "the numbers of slots are not bounded",
    changes: [
      {
        file: "store/dynamodb-slots.ts",
        from: "slots.length + ahead < account.maxParallel",
        to: "slots.length + ahead < 2 * account.maxParallel",
      },
      {
        file: "store/dynamodb-slots.ts",
        from: "freeNumber(slots, account.maxParallel, holder)",
        to: "freeNumber(slots, 2 * account.maxParallel, holder)",
      },
    ],
  },
  {
    name: "two have a slot of the same number",
    changes: [
      { file: "store/dynamodb-slots.ts", from: 'ConditionExpression: "attribute_not_exists(pk)"', to: "" },
    ],
  },
  {
    name: "a slot is not given back",
    changes: [
      {
        file: "core/let-go.ts",
        from: '[{ kind: "freeSlot", runId, step: name, account: slot.account, since: slot.since }]',
        to: "[]",
      },
    ],
  },
  {
    name: "a lost slot is never found",
    changes: [
      {
        file: "relay/account-slots.ts",
        from: "if (suspect === undefined) return false;",
        to: "return false;",
      },
    ],
  },
  {
    name: "a slot that is held is taken for lost",
    changes: [{ file: "relay/account-slots.ts", from: "if (slot?.isHeld && ", to: "if (slot === null && " }],
  },
  {
    name: "nobody gives up a place in the row",
    world: 528260278,
    changes: [
      { file: "store/dynamodb-slots.ts", from: "await removeWaits(account.name, second.stale);", to: "" },
    ],
  },
  {
    name: "those who wait for a slot are overtaken",
    changes: [
      {
        file: "store/dynamodb-slots.ts",
        from: "slots.length + ahead <",
        to: "slots.length + Math.min(ahead, 0) <",
      },
    ],
  },
  {
    name: "a start that comes while a run is active is lost",
    changes: [{ file: "core/start-run.ts", from: "leave(queue(state, start, now), ", to: "leave(state, " }],
  },
  {
    name: "what waits for the end of a run is begun from the first that asked for it alone",
    changes: [{ file: "core/start-run.ts", from: "next: { ...next, from: all }", to: "next" }],
  },
  {
    name: "an upstream is seen, and nothing is run",
    changes: [{ file: "core/take-digests.ts", from: "if (from.length === 0)", to: "if (from.length < 2)" }],
  },
  {
    name: "an end is taken for that of any build of its step",
    world: 1474968024,
    changes: [
      { file: "core/take-build-end.ts", from: "step.attempts === event.attempt", to: "step.attempts > 0" },
    ],
  },
  {
    name: "a failure that is told twice uses up two retries",
    world: 3621682954,
    changes: [
      {
        file: "core/take-build-end.ts",
        from: "if (!mayBeBuilt(step)) return null;",
        to: 'if (!("wakeAt" in step)) return null;',
      },
    ],
  },
  {
    name: "a build that has failed is waited for, as the answer to its trigger comes later",
    world: 422510586,
    changes: [
      {
        file: "core/decide.ts",
        from: 'mayBeBuilt(step) && step.state !== "building"',
        to: 'step.state === "triggering" || step.state === "due"',
      },
    ],
  },
  {
    name: "a push does for a command",
    changes: [{ file: "core/take-push.ts", from: '?.endedBy === "builder"', to: "?.endedBy === undefined" }],
  },
  {
    name: "a push finishes the command of a cancelled run",
    world: 2823030809,
    changes: [{ file: "core/take-push.ts", from: 'settings.endedBy === "push" && ', to: "" }],
  },
  {
    name: "another image begins with the first attempt again",
    world: 521741784,
    changes: [{ file: "core/reconcile.ts", from: ", step?.attempts)", to: ")" }],
  },
  {
    name: "a run is kept as it was before it ended, by someone who is late",
    world: 2718238105,
    changes: [
      {
        file: "store/dynamodb-store.ts",
        from: 'ConditionExpression: "attribute_not_exists(version) OR version <= :version",\n      ExpressionAttributeValues: { ":version": { N: String(version) } },',
        to: "",
      },
    ],
  },
];
