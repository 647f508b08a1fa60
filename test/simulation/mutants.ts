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
    world: 2572237142,
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
    changes: [
      { file: "core/step-transitions.ts", from: "retried: step.retried + 1", to: "retried: step.retried" },
    ],
  },
  {
    name: "a redeploy leaves out what now comes after the run's steps",
    world: 2431933811,
    changes: [
      { file: "core/reconcile.ts", from: 'step.state === "skipped" && scope.has(name)', to: "false" },
    ],
  },
  {
    name: "a push that was told of in an earlier run counts in the next",
    world: 1645773816,
    changes: [
      { file: "core/confirm.ts", from: "triggeredAt === null || heardAt >= triggeredAt", to: "true" },
    ],
  },
  {
    name: "more is built at once than the pipeline says",
    changes: [{ file: "core/advance.ts", from: "free > 0 && ", to: "" }],
  },
  {
    name: "a push from before its trigger finishes a step of a cancelled run",
    world: 3092779498,
    changes: [
      { file: "core/take-push.ts", from: "triggeredAt: underWay.triggeredAt", to: "triggeredAt: null" },
    ],
  },
  {
    name: "what was built before its new base is left as it is",
    world: 2138721542,
    changes: [{ file: "core/reconcile.ts", from: "step.triggeredAt < before.doneAt", to: "false" }],
  },
  {
    name: "a pipeline is not started again that could not be when it was to",
    changes: [
      {
        file: "relay/perform.ts",
        from: 'return outcome.kind === "advanced" || outcome.kind === "duplicate";',
        to: "return true;",
      },
    ],
  },
];
