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
type Picture = { slots: (Slot & { number: number })[]; waits: Wait[] };
type Options = Pick<DynamodbStoreOptions, "requests" | "tableName"> & { clock: () => number };

/** Who waits behind so many others learns of its turn by asking again. */
const waitsAtMost = 100;
const triesAtMost = 5;

export function createDynamodbSlots({ requests, tableName, clock }: Options): Slots {
  const TableName = tableName;

  const look = async (account: string): Promise<Picture> => {
    const items = await readItems(requests, TableName, account);
    const fresh = clock() - slotStaleMs;
    return {
      slots: items.flatMap((item) => readSlot(item) ?? []),
      // Who has not asked again for long does not wait any more.
      waits: items.flatMap((item) => readWait(item) ?? []).filter(({ seenAt }) => seenAt > fresh),
    };
  };

  const remove = async (Key: Item, holder: Holder): Promise<void> => {
    const condition = {
      ConditionExpression: "holder = :holder",
      ExpressionAttributeValues: { ":holder": { S: nameOf(holder) } },
    };
    await requests.deleteItem({ TableName, Key, ...condition }).catch((error: unknown) => {
      if (!(error instanceof ConditionalCheckFailedException)) rethrow(error);
    });
  };

  /** Whether it could be taken: someone else may have been faster. */
  const occupy = async (account: string, number: number, holder: Holder): Promise<boolean> => {
    const Item = { ...slotKey(account, number), ...itemOf(holder), takenAt: { N: String(clock()) } };
    try {
      await requests.putItem({ TableName, Item, ConditionExpression: "attribute_not_exists(pk)" });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      return rethrow(error);
    }
  };

  const tryToTake = async (account: Account, holder: Holder, since: number): Promise<Taken> => {
    const key = waitKey(account.name, since, nameOf(holder));
    for (let tries = 0; ; tries += 1) {
      const { slots, waits } = await look(account.name);
      if (slots.some((slot) => isSame(slot, holder))) return { kind: "taken" };
      const ahead = waits.filter(({ sk }) => sk < key.sk.S).length;
      const isMyTurn = slots.length + ahead < account.maxParallel;
      if (!isMyTurn || tries === triesAtMost) return { kind: "full", slots };
      if (await occupy(account.name, freeNumber(slots, account.maxParallel, holder), holder)) {
        // It is in the row if it was refused before.
        if (waits.some((wait) => isSame(wait, holder))) await remove(key, holder);
        return { kind: "taken" };
      }
    }
  };

  return {
    take: async (account, holder, since) => {
      const first = await tryToTake(account, holder, since);
      if (first.kind === "taken") return first;
      const key = waitKey(account.name, since, nameOf(holder));
      const Item = { ...key, ...itemOf(holder), seenAt: { N: String(clock()) } };
      await requests.putItem({ TableName, Item }).catch(rethrow);
      // One that was freed meanwhile was freed by someone who did not know of this one.
      return tryToTake(account, holder, since);
    },
    free: async (account, holder) => {
      const { slots, waits } = await look(account);
      const own = slots.find((slot) => isSame(slot, holder));
      if (own !== undefined) await remove(slotKey(account, own.number), holder);
      for (const { sk } of waits.filter((wait) => isSame(wait, holder))) {
        await remove({ ...accountKey(account), sk: { S: sk } }, holder);
      }
      // Others may have been freed at the same time: whoever looks last sees all of them.
      const left =
        waits.length === 0 ? { slots: slots.filter((slot) => slot !== own), waits } : await look(account);
      const waiting = left.waits.filter((wait) => !isSame(wait, holder));
      return {
        held: left.slots.length,
        waiting: waiting.map(({ pipeline, runId, step }) => ({ pipeline, runId, step })),
      };
    },
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

function nameOf({ runId, step }: Holder): string {
  return `${runId}#${step}`;
}

function isSame(one: Holder, other: Holder): boolean {
  return one.runId === other.runId && one.step === other.step;
}

function itemOf({ pipeline, runId, step }: Holder): Item {
  return {
    holder: { S: nameOf({ pipeline, runId, step }) },
    pipeline: { S: pipeline },
    runId: { S: runId },
    step: { S: step },
  };
}

function readHolder({ pipeline, runId, step }: Item): Holder {
  return { pipeline: pipeline?.S ?? "", runId: runId?.S ?? "", step: step?.S ?? "" };
}

function readSlot(item: Item): Picture["slots"][number] | null {
  const [, number] = /^slot#(\d+)$/.exec(item.sk?.S ?? "") ?? [];
  if (number === undefined) return null;
  return { ...readHolder(item), number: Number(number), takenAt: Number(item.takenAt?.N) };
}

function readWait(item: Item): Wait | null {
  const sk = item.sk?.S ?? "";
  return sk.startsWith("wait#") ? { ...readHolder(item), sk, seenAt: Number(item.seenAt?.N) } : null;
}
