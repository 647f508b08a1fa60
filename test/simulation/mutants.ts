// Defects that the simulation must find. Each changes the source while it is loaded.

export type Mutant = {
  name: string;
  changes: readonly Change[];
  /** A world that finds the defect quickly. Without it, fresh worlds must find the defect. */
  world?: number;
};
/** Replaces a text that occurs exactly once in a file of shared/. */
export type Change = { file: string; from: string; to: string };

export const mutants: readonly Mutant[] = [
  {
    name: "the version is not checked",
    changes: [
      { file: "store/dynamodb/store.ts", from: 'ConditionExpression: "version = :version",', to: "" },
    ],
  },
  {
    name: "a failed write is not forgotten",
    world: 3314426780,
    changes: [
      {
        file: "store/dynamodb/store.ts",
        from: "lastStates.forget(pipeline);\n    const found",
        to: "const found",
      },
    ],
  },
  {
    name: "a trigger is sent before it is saved",
    changes: [
      {
        file: "relay/turns.ts",
        from: "const { state, replacedRun } = stateAfter(decided, before.state);",
        to: "const { state, replacedRun } = stateAfter(decided, before.state); settle(decided, before.state.run, before);",
      },
    ],
  },
  {
    name: "wakeAt is forgotten",
    changes: [
      {
        file: "store/dynamodb/state-item.ts",
        from: "...indexKeys(dueIndex, pipeline, indexed.dueAt),",
        to: "",
      },
      {
        file: "store/dynamodb/state-item.ts",
        from: "...indexKeys(watchedIndex, pipeline, indexed.watchedAt),",
        to: "",
      },
    ],
  },
  {
    name: "no webhook is confirmed",
    world: 200313730,
    changes: [
      {
        file: "run/on-push.ts",
        from: "return requestConfirmation(state, push, now);",
        to: "return effect.countWithoutEvidence(recordCompletion(state, { ...push, hubAt: null }, now));",
      },
    ],
  },
  {
    name: "no tag is looked up before a second trigger",
    changes: [
      {
        file: "run/advance.ts",
        from: "!isBeforeFirstTrigger(due)",
        to: 'due.state !== "due"',
      },
      {
        file: "run/on-tick.ts",
        from: "if (isBeforeFirstTrigger(stepRun)) return stepRun;",
        to: 'if (stepRun.state === "due") return stepRun;',
      },
    ],
  },
  {
    name: "no tag is looked up before a step times out",
    world: 1812511852,
    changes: [
      {
        file: "run/on-tick.ts",
        from: "...imageVariantIn(run) });\n    return deferForLookUp(stepRun, now);",
        to: '...imageVariantIn(run) });\n    return { ...deferForLookUp(stepRun, now), ...(stepRun.state === "building" && stepRun.giveUpAt <= now ? { state: "failed" as const, failedAt: now, reason: "late" } : {}) };',
      },
    ],
  },
  {
    name: "channels are not notified of a success",
    changes: [{ file: "run/notices.ts", from: 'runSucceeded: ["succeeded"],', to: "runSucceeded: []," }],
  },
  {
    name: "a notice is not kept in the outbox",
    world: 3559042732,
    changes: [
      {
        file: "run/outbox.ts",
        from: "outbox: [...others, ...added.filter(mustArrive)] }",
        to: "outbox: others }",
      },
    ],
  },
  {
    name: "a redeploy does not keep the order",
    world: 4097086310,
    changes: [
      {
        file: "run/reconcile.ts",
        from: "isBegunBefore(stepRun, reset.get(other) ?? findStepRun(now, other)),",
        to: "false,",
      },
    ],
  },
  {
    name: "clock differences are not corrected",
    world: 96493096,
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
    world: 4030032331,
    changes: [
      {
        file: "run/step-transitions.ts",
        from: "again = { ...core(stepRun), retriesUsed: stepRun.retriesUsed + 1,",
        to: "again = { ...core(stepRun), retriesUsed: stepRun.retriesUsed,",
      },
      {
        file: "run/step-transitions.ts",
        from: "again = { ...stepRun, retriesUsed: stepRun.retriesUsed + 1 }",
        to: "again = { ...stepRun, retriesUsed: stepRun.retriesUsed }",
      },
    ],
  },
  {
    name: "a redeploy leaves out steps that now belong to the run",
    world: 2568597370,
    changes: [
      { file: "run/reconcile.ts", from: 'stepRun.state === "skipped" && isInScope(name)', to: "false" },
    ],
  },
  {
    name: "a webhook of an earlier run counts in the next",
    world: 972137774,
    changes: [
      { file: "run/confirm.ts", from: "triggered === null || instant >= triggered.triggeredAt", to: "true" },
    ],
  },
  {
    name: "maxParallel is ignored",
    changes: [{ file: "run/advance.ts", from: "free > 0 && ", to: "" }],
  },
  {
    name: "a step built before its new base is not built again",
    world: 1075593946,
    changes: [{ file: "run/reconcile.ts", from: "begunAt < before.doneAt", to: "false" }],
  },
  {
    name: "a follower that could not be started is forgotten",
    world: 857193091,
    changes: [
      {
        file: "relay/perform.ts",
        from: 'return applied?.outcome.kind === "advanced" || applied?.outcome.kind === "duplicate";',
        to: "return true;",
      },
    ],
  },
  {
    name: "more slots are given than there are",
    changes: [
      {
        file: "store/dynamodb/slots.ts",
        from: "slots.length + ahead < account.maxParallel",
        to: "slots.length + ahead < 2 * account.maxParallel",
      },
      {
        file: "store/dynamodb/slots.ts",
        from: "freeNumber(slots, account.maxParallel, holder)",
        to: "freeNumber(slots, 2 * account.maxParallel, holder)",
      },
    ],
  },
  {
    name: "two steps get the same slot",
    world: 3574855366,
    changes: [
      {
        file: "store/dynamodb/slot-writes.ts",
        from: 'ConditionExpression: "attribute_not_exists(pk)",',
        to: "",
      },
    ],
  },
  {
    name: "a slot is not released",
    world: 2130615895,
    changes: [
      {
        file: "run/release-step-resources.ts",
        from: '[{ kind: "releaseSlot", runId, step: name, account: slot.account, since: slot.since }]',
        to: "[]",
      },
    ],
  },
  {
    name: "a lost slot is never recovered",
    world: 1107696860,
    changes: [
      {
        file: "relay/account-slots.ts",
        from: "if (suspect === undefined) return false;",
        to: "return false;",
      },
    ],
  },
  {
    name: "a held slot counts as lost",
    world: 3574855366,
    changes: [
      { file: "relay/account-slots.ts", from: "if (slot?.isHeld && ", to: "if (slot?.isHeld === null && " },
    ],
  },
  {
    name: "a stale place in line is never removed",
    world: 3914171370,
    changes: [
      {
        file: "store/dynamodb/slots.ts",
        from: "await removeWaits(table, account.name, second.stale);",
        to: "",
      },
    ],
  },
  {
    name: "slots are not given in the order of waiting",
    world: 2889351512,
    changes: [
      {
        file: "store/dynamodb/slots.ts",
        from: "slots.length + ahead <",
        to: "slots.length + Math.min(ahead, 0) <",
      },
    ],
  },
  {
    name: "a start requested during a run is lost",
    world: 1065450363,
    changes: [
      {
        file: "run/on-start.ts",
        from: "ignored(queued, reason), outcome",
        to: "ignored(state, reason), outcome",
      },
    ],
  },
  {
    name: "a queued run starts only at the steps of the first request",
    world: 2993971136,
    changes: [{ file: "run/on-start.ts", from: "{ ...queuedRun, from: all, ", to: "{ ...queuedRun, " }],
  },
  {
    name: "a changed upstream starts nothing",
    world: 3856465456,
    changes: [{ file: "run/on-upstreams.ts", from: "if (from.length === 0)", to: "if (from.length < 2)" }],
  },
  {
    name: "a build's end counts for any attempt of its step",
    world: 1998349846,
    changes: [{ file: "run/on-build-end.ts", from: "stepRun.attempts !== event.attempt || ", to: "" }],
  },
  {
    name: "a failure reported twice uses up two retries",
    world: 2582987305,
    changes: [
      {
        file: "run/on-build-end.ts",
        from: "!mayHaveBuild(stepRun)",
        to: '!("wakeAt" in stepRun)',
      },
    ],
  },
  {
    name: "a failed build is waited for if its trigger is answered later",
    world: 1972509587,
    changes: [
      {
        file: "run/on-trigger.ts",
        from: 'mayHaveBuild(stepRun) && stepRun.state !== "building"',
        to: 'stepRun.state === "triggering" || stepRun.state === "due"',
      },
    ],
  },
  {
    name: "a push ends a command's step",
    world: 3249344860,
    changes: [{ file: "run/on-push.ts", from: 'if (step.endedBy === "builder")', to: "if (false)" }],
  },
  {
    name: "a push ends a command's step in a cancelled run",
    world: 3282827142,
    changes: [{ file: "run/on-push.ts", from: 'step.endedBy !== "push" || ', to: "" }],
  },
  {
    name: "a new image resets the attempts",
    world: 1724728488,
    changes: [{ file: "run/reconcile.ts", from: ", stepRun?.attempts)", to: ")" }],
  },
  {
    name: "the reported digest is believed without asking the registry",
    world: 2761466571,
    changes: [
      {
        file: "run/on-push.ts",
        from: "  return requestConfirmation(state, push, now);",
        to: "  if (push.digest !== null) return effect.countWithoutEvidence(recordCompletion(state, { ...push, hubAt: null }, now));\n  return requestConfirmation(state, push, now);",
      },
    ],
  },
  {
    name: "index digests are compared instead of platforms",
    changes: [
      {
        file: "run/on-upstreams.ts",
        from: "if (counting === undefined || counting.length === 0) return digest;",
        to: "return digest;",
      },
    ],
  },
  {
    name: "the digest before the trigger is forgotten",
    world: 3053372326,
    changes: [
      {
        file: "run/digests-before.ts",
        from: "digestBefore: digest ?? lastHubDigest(",
        to: "digestBefore: lastHubDigest(",
      },
    ],
  },
  {
    name: "a fresh step is built",
    world: 1819254181,
    changes: [
      {
        file: "run/on-step-looked-at.ts",
        from: "reason === null && evidence.kind",
        to: 'reason === "" && evidence.kind',
      },
    ],
  },
  {
    name: "a fresh step stands on what its base was",
    world: 1073870683,
    changes: [
      {
        file: "run/bases.ts",
        from: "if (base.digest === null || (stepRun !== undefined && isSettled(stepRun))) return base;",
        to: "return base;",
      },
    ],
  },
  {
    name: "an old push counts as an identical rebuild",
    world: 2322018861,
    changes: [
      {
        file: "run/confirm.ts",
        from: "isAfterTrigger(latestInstantOf(push.pushedAt) ?? receivedAt, triggered)",
        to: "isAfterTrigger(receivedAt, triggered)",
      },
    ],
  },
  {
    name: "a pull of an image counts as its push",
    changes: [
      {
        file: "registries/distribution/event.ts",
        from: 'if (any.data.action !== "push") return',
        to: "if (false) return",
      },
    ],
  },
  {
    name: "an image that stands on an older base counts",
    world: 2855698830,
    changes: [{ file: "run/verify.ts", from: "if (contradictions.length > 0)", to: "if (false)" }],
  },
  {
    name: "a later push of the base is taken for this run's",
    world: 3254535636,
    changes: [
      { file: "run/verify.ts", from: "if (expected !== null && digest !== expected)", to: "if (false)" },
    ],
  },
  {
    name: "any image is proven to stand on any base",
    changes: [{ file: "evidence/stands-on.ts", from: "items[index] === item", to: "true" }],
  },
  {
    name: "what a tag pointed to before it was moved is not saved",
    changes: [
      {
        file: "run/on-promotion.ts",
        from: "replaced: replacedBy(run, tag),",
        to: "replaced: tag.candidate,",
      },
    ],
  },
  {
    name: "a tag whose move had no answer is not moved back",
    world: 4236457472,
    changes: [
      {
        file: "run/on-promotion.ts",
        from: "(move.isMoved ? move : { ...move, isMoved: true, isDoubtful: true })",
        to: "move",
      },
    ],
  },
  {
    name: "a promotion that was cut short is not continued",
    changes: [
      {
        file: "run/on-tick.ts",
        from: "wakePromotion(retried.state, now)",
        to: "{ state: retried.state, actions: [] }",
      },
    ],
  },
  {
    name: "a run succeeds before its tags are moved",
    changes: [
      {
        file: "run/advance.ts",
        from: 'const isOpen = promotion?.phase === "building" || promotion?.phase === "preparing";',
        to: "const isOpen = false;",
      },
    ],
  },
  {
    name: "the push of a tag counts for its candidate",
    world: 3348501372,
    changes: [
      {
        file: "run/on-push.ts",
        from: "if (run.promotion !== null && push.candidateOf === undefined)",
        to: "if (false)",
      },
    ],
  },
  {
    name: "a candidate of an earlier run counts",
    world: 1996700257,
    changes: [
      {
        file: "run/on-push.ts",
        from: 'state.run?.status !== "running" || state.run.id !== candidateOf',
        to: "false",
      },
    ],
  },
];
