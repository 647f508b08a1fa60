// Converts state in the form that was stored before 25 November 2026 into the current one.

type Stored = Readonly<Record<string, unknown>>;

/** The state of a pipeline. */
export function upgradeState(stored: unknown): unknown {
  if (!isObject(stored) || !("told" in stored)) return stored;
  const { told, errands, news, trouble, next, run, ...rest } = stored;
  return {
    ...rest,
    run: upgradeRun(run),
    pendingConfirmations: mapObjects(told, ({ at, ...pending }) => ({ ...pending, receivedAt: at })),
    outbox: errands,
    lastSeen: mapObjects(news, ({ of, is }) => ({ name: of, value: is })),
    outage: trouble,
    queuedRun: next,
  };
}

/** A run in a pipeline's state, or a past run. */
export function upgradeRun(stored: unknown): unknown {
  if (!isObject(stored) || !Array.isArray(stored.steps)) return stored;
  const [first] = stored.steps;
  if (!isObject(first) || !("retried" in first)) return stored;
  return { ...stored, steps: mapObjects(stored.steps, upgradeStepRun) };
}

function upgradeStepRun({ ticket, retried, ...rest }: Stored): Stored {
  const stepRun = { ...rest, build: ticket, retriesUsed: retried };
  return rest.state === "due" ? { ...stepRun, ...phaseOf(rest) } : stepRun;
}

/** Why a step is due used to follow from its other fields. */
function phaseOf({ triggeredAt, slot, reason }: Stored): Stored {
  if (triggeredAt !== null) return { phase: "backingOff", reason: reason ?? "waiting for another try" };
  const isForSlot = slot !== null && slot !== undefined;
  return isForSlot
    ? { phase: "waitingForSlot", giveUpAt: null }
    : { phase: "delayed", giveUpAt: null, reason: null };
}

/** Anything but a list stays as it is, for the schema to judge. */
function mapObjects(value: unknown, map: (one: Stored) => Stored): unknown {
  return Array.isArray(value) ? value.map((one) => (isObject(one) ? map(one) : one)) : value;
}

function isObject(value: unknown): value is Stored {
  return typeof value === "object" && value !== null;
}
