// Keeps slots in the table: an item for each that is taken and for each that is waited for, so that none is hot. That no
// more are taken than there are is sure by their numbers; that it goes in turn is so unless two ask at once.
import { type AttributeValue, ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { Account } from "../core/pipeline.ts";
import { slotStaleMs } from "../core/timing.ts";
import type { DynamodbStoreOptions } from "./dynamodb-store.ts";
import type { Requests } from "./requests.ts";
import { rethrow } from "./rethrow.ts";
import type { Holder, Slot, Slots, Taken } from "./slots.ts";
import { accountKey, slotKey, waitKey } from "./table.ts";

type Item = Record<string, AttributeValue>;
type Wait = Holder & { sk: string; seenAt: number };
type Numbered = Slot & { number: number };
type Picture = { slots: Numbered[]; waits: Wait[]; stale: Wait[] };
type Options = Pick<DynamodbStoreOptions, "requests" | "tableName"> & { clock: () => number };

/** Who waits behind so many others learns of its turn by asking again. */
const waitsAtMost = 100;
const triesAtMost = 5;

export function createDynamodbSlots({ requests, tableName, clock }: Options): Slots {
  const TableName = tableName;

  const look = async (account: string): Promise<Picture> => {
    const items = await readItems(requests, TableName, account);
    const slots = items.flatMap((item) => readSlot(item) ?? []);
    const waits = items.flatMap((item) => readWait(item) ?? []);
    // Who has not asked again for long does not wait any more.
    const isStale = ({ seenAt }: Wait) => seenAt <= clock() - slotStaleMs;
    return { slots, waits: waits.filter((wait) => !isStale(wait)), stale: waits.filter(isStale) };
  };

  /** Whether it is done: someone else may have been faster. */
  const ifUnchanged = async (request: Promise<unknown>): Promise<boolean> => {
    try {
      await request;
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      return rethrow(error);
    }
  };

  const remove = (Key: Item, holder: Holder) =>
    ifUnchanged(requests.deleteItem({ TableName, Key, ...heldBy(holder) }));

  const removeWaits = (account: string, waits: readonly Wait[]) =>
    Promise.all(
      waits.map((wait) => {
        const Key = { ...accountKey(account), sk: { S: wait.sk } };
        const condition = {
          ConditionExpression: "seenAt = :seenAt",
          ExpressionAttributeValues: { ":seenAt": { N: String(wait.seenAt) } },
        };
        return ifUnchanged(requests.deleteItem({ TableName, Key, ...condition }));
      }),
    );

  const slotItem = (account: string, number: number, holder: Holder): Item => ({
    ...slotKey(account, number),
    ...itemOf(holder),
    takenAt: { N: String(clock()) },
  });

  const occupy = (account: string, number: number, holder: Holder) => {
    const Item = slotItem(account, number, holder);
    return ifUnchanged(
      requests.putItem({ TableName, Item, ConditionExpression: "attribute_not_exists(pk)" }),
    );
  };

  /** So that nobody who has seen it before takes it for lost. */
  const renew = (account: string, slot: Numbered) => {
    const Item = slotItem(account, slot.number, slot);
    return ifUnchanged(requests.putItem({ TableName, Item, ...asSeen(slot) }));
  };

  const removeSlots = (account: string, slots: readonly Numbered[]) =>
    Promise.all(slots.map((slot) => remove(slotKey(account, slot.number), slot)));

  /** The first by its number, whoever of those that have taken one for it does this. */
  const keepOne = async (account: string, holder: Holder) => {
    const { slots } = await look(account);
    await removeSlots(account, slots.filter((slot) => isSame(slot, holder)).slice(1));
  };

  const tryToTake = async (account: Account, holder: Holder): Promise<{ taken: Taken; stale: Wait[] }> => {
    const key = waitKey(account.name, holder.since, nameOf(holder));
    for (let tries = 0; ; tries += 1) {
      const { slots, waits, stale } = await look(account.name);
      const own = slots.find((slot) => isSame(slot, holder));
      const inRow = waits.filter((wait) => !slots.some((slot) => isSame(slot, wait)));
      const ahead = inRow.filter(({ sk }) => sk < key.sk.S).length;
      const isMyTurn = own !== undefined || slots.length + ahead < account.maxParallel;
      if (!isMyTurn || tries === triesAtMost) return { taken: { kind: "full", slots }, stale };
      const isTaken =
        own === undefined
          ? await occupy(account.name, freeNumber(slots, account.maxParallel, holder), holder)
          : await renew(account.name, own);
      if (!isTaken) continue;
      // It is in the row if it was refused before, and may be told of two slots at once: it takes one.
      const places = [...waits, ...stale].filter((wait) => isSame(wait, holder));
      if (places.length > 0) await keepOne(account.name, holder);
      await removeWaits(account.name, places);
      return { taken: { kind: "taken" }, stale };
    }
  };

  return {
    take: async (account, holder) => {
      const first = await tryToTake(account, holder);
      if (first.taken.kind === "taken") return first.taken;
      const key = waitKey(account.name, holder.since, nameOf(holder));
      const Item = { ...key, ...itemOf(holder), seenAt: { N: String(clock()) } };
      await requests.putItem({ TableName, Item }).catch(rethrow);
      // One that was freed meanwhile was freed by someone who did not know of this one.
      const second = await tryToTake(account, holder);
      await removeWaits(account.name, second.stale);
      return second.taken;
    },
    free: async (account, holder) => {
      const { slots, waits, stale } = await look(account);
      const own = slots.filter((slot) => isSame(slot, holder));
      await removeSlots(account, own);
      await removeWaits(
        account,
        [...waits, ...stale].filter((wait) => isSame(wait, holder)),
      );
      // Others may have been freed at the same time: whoever looks last sees all of them.
      const left =
        waits.length === 0
          ? { slots: slots.filter((slot) => !own.includes(slot)), waits }
          : await look(account);
      const waiting = left.waits.filter(
        (wait) => !isSame(wait, holder) && !left.slots.some((slot) => isSame(slot, wait)),
      );
      return { held: left.slots.length, waiting: waiting.map(holderOf) };
    },
    freeUnclaimed: async (account, slot) => {
      const { slots } = await look(account);
      const seen = slots.find((other) => isSame(other, slot));
      if (seen === undefined) return;
      const Key = slotKey(account, seen.number);
      await ifUnchanged(requests.deleteItem({ TableName, Key, ...asSeen(slot) }));
    },
  };
}

function heldBy(holder: Holder) {
  return {
    ConditionExpression: "holder = :holder",
    ExpressionAttributeValues: { ":holder": { S: nameOf(holder) } },
  };
}

function asSeen(slot: Slot) {
  const { ExpressionAttributeValues: values } = heldBy(slot);
  return {
    ConditionExpression: "holder = :holder AND takenAt = :takenAt",
    ExpressionAttributeValues: { ...values, ":takenAt": { N: String(slot.takenAt) } },
  };
}

async function readItems(requests: Requests, TableName: string, account: string): Promise<Item[]> {
  const items: Item[] = [];
  const { pk } = accountKey(account);
  let waits = 0;
  let from: Item | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await requests
      .query({
        TableName,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues: { ":pk": pk, ":first": { S: "slot#" }, ":last": { S: "wait#~" } },
        ConsistentRead: true,
        ExclusiveStartKey: from,
      })
      .catch(rethrow);
    items.push(...Items);
    waits += Items.filter(({ sk }) => sk?.S?.startsWith("wait#")).length;
    from = LastEvaluatedKey;
  } while (from !== undefined && waits < waitsAtMost);
  return items;
}

/** Not the first that is free: those who ask at once would all try that one. */
function freeNumber(slots: Picture["slots"], maxParallel: number, holder: Holder): number {
  const taken = new Set(slots.map(({ number }) => number));
  const free = Array.from({ length: maxParallel }, (_, number) => number).filter(
    (number) => !taken.has(number),
  );
  let hash = 0;
  for (const character of nameOf(holder)) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return free[hash % free.length] ?? 0;
}

function nameOf({ runId, step, since }: Holder): string {
  return `${runId}#${step}#${since}`;
}

function isSame(one: Holder, other: Holder): boolean {
  return nameOf(one) === nameOf(other);
}

function holderOf({ pipeline, runId, step, since }: Holder): Holder {
  return { pipeline, runId, step, since };
}

function itemOf(holder: Holder): Item {
  return {
    holder: { S: nameOf(holder) },
    pipeline: { S: holder.pipeline },
    runId: { S: holder.runId },
    step: { S: holder.step },
    since: { N: String(holder.since) },
  };
}

function readHolder({ pipeline, runId, step, since }: Item): Holder {
  return { pipeline: pipeline?.S ?? "", runId: runId?.S ?? "", step: step?.S ?? "", since: Number(since?.N) };
}

function readSlot(item: Item): Numbered | null {
  const [, number] = /^slot#(\d+)$/.exec(item.sk?.S ?? "") ?? [];
  if (number === undefined) return null;
  return { ...readHolder(item), number: Number(number), takenAt: Number(item.takenAt?.N) };
}

function readWait(item: Item): Wait | null {
  const sk = item.sk?.S ?? "";
  return sk.startsWith("wait#") ? { ...readHolder(item), sk, seenAt: Number(item.seenAt?.N) } : null;
}
