// Keeps slots in the table. Each held slot and each waiting step has its own item, so no item gets too many writes. An
// account never has more slots than `maxParallel`, because they are numbered. A slot goes to the step that has waited
// longest, unless two ask at once.
import type { Account } from "../../pipeline/pipeline.ts";
import { slotStaleMs } from "../../run/timing.ts";
import type { Acquired, Holder, Released, Slot, Slots } from "../slots.ts";
import { queryPages } from "./read-items.ts";
import type { Item, Table } from "./requests.ts";
import { rethrow } from "./rethrow.ts";
import {
  holderOf,
  isSame,
  isWait,
  type NumberedSlot,
  nameOf,
  readSlot,
  readWait,
  type Wait,
} from "./slot-items.ts";
import {
  occupySlot,
  removeSlotAsRead,
  removeSlots,
  removeWaits,
  renewSlot,
  type SlotTable,
  waitItem,
  waitKeyOf,
} from "./slot-writes.ts";
import { accountKey } from "./table.ts";

/** A step that is further back in line is offered no slot; it gets one by asking again. */
const maxWaits = 100;
/** The slots of nearly every account, and as many waiting steps as are needed. */
const pageSize = 2 * maxWaits;
const maxTries = 5;

export function createDynamodbSlots(table: SlotTable): Slots {
  return {
    acquire: (account, holder) => acquire(table, account, holder),
    release: (account, holder) => release(table, account, holder),
    releaseIfUnchanged: (account, slot) => releaseIfUnchanged(table, account, slot),
  };
}

async function acquire(table: SlotTable, account: Account, holder: Holder): Promise<Acquired> {
  const { requests, tableName } = table;
  const first = await tryToAcquire(table, account, holder);
  if (first.result.kind === "acquired") return first.result;
  const Item = waitItem(table, account.name, holder);
  await requests.putItem({ TableName: tableName, Item }).catch(rethrow);
  // A slot that was released meanwhile was not offered to this step, because it was not in line yet.
  const second = await tryToAcquire(table, account, holder);
  await removeWaits(table, account.name, second.stale);
  return second.result;
}

async function tryToAcquire(
  table: SlotTable,
  account: Account,
  holder: Holder,
): Promise<{ result: Acquired; stale: Wait[] }> {
  const key = waitKeyOf(account.name, holder);
  for (let tries = 0; ; tries += 1) {
    const { slots, waits, stale } = await readOccupancy(table, account.name);
    const own = slots.find((slot) => isSame(slot, holder));
    const inLine = waits.filter((wait) => !slots.some((slot) => isSame(slot, wait)));
    const ahead = inLine.filter(({ sk }) => sk < key.sk.S).length;
    const isMyTurn = own !== undefined || slots.length + ahead < account.maxParallel;
    if (!isMyTurn || tries === maxTries) return { result: { kind: "full", slots }, stale };
    const isAcquired =
      own === undefined
        ? await occupySlot(table, account.name, freeNumber(slots, account.maxParallel, holder), holder)
        : await renewSlot(table, account.name, own);
    if (!isAcquired) continue;
    // A waiting step may have been offered two slots at once, and have acquired both.
    const places = [...waits, ...stale].filter((wait) => isSame(wait, holder));
    if (places.length > 0) await keepOneSlot(table, account.name, holder);
    await removeWaits(table, account.name, places);
    return { result: { kind: "acquired" }, stale };
  }
}

/** Keeps the slot with the lowest number, so that two processes that do this at once keep the same one. */
async function keepOneSlot(table: SlotTable, account: string, holder: Holder): Promise<void> {
  const { slots } = await readOccupancy(table, account);
  await removeSlots(table, account, slots.filter((slot) => isSame(slot, holder)).slice(1));
}

async function release(table: SlotTable, account: string, holder: Holder): Promise<Released> {
  const { slots, waits, stale } = await readOccupancy(table, account);
  const own = slots.filter((slot) => isSame(slot, holder));
  await removeSlots(table, account, own);
  await removeWaits(
    table,
    account,
    [...waits, ...stale].filter((wait) => isSame(wait, holder)),
  );
  // Read again, because other slots may have been released meanwhile: the process that reads last sees all of them.
  const left =
    waits.length === 0
      ? { slots: slots.filter((slot) => !own.includes(slot)), waits }
      : await readOccupancy(table, account);
  const waiting = left.waits.filter(
    (wait) => !isSame(wait, holder) && !left.slots.some((slot) => isSame(slot, wait)),
  );
  return { held: left.slots.length, waiting: waiting.map(holderOf) };
}

async function releaseIfUnchanged(table: SlotTable, account: string, slot: Slot): Promise<void> {
  const { slots } = await readOccupancy(table, account);
  const found = slots.find((other) => isSame(other, slot));
  if (found !== undefined) await removeSlotAsRead(table, account, slot, found.number);
}

type Occupancy = {
  slots: NumberedSlot[];
  waits: Wait[];
  /** Places in line of steps that have stopped asking. */
  stale: Wait[];
};

async function readOccupancy(table: SlotTable, account: string): Promise<Occupancy> {
  const items = await readItems(table, account);
  const slots = items.flatMap((item) => readSlot(item) ?? []);
  const waits = items.flatMap((item) => readWait(item) ?? []);
  const isStale = ({ seenAt }: Wait) => seenAt <= table.clock() - slotStaleMs;
  return { slots, waits: waits.filter((wait) => !isStale(wait)), stale: waits.filter(isStale) };
}

async function readItems(table: Table, account: string): Promise<Item[]> {
  const { pk } = accountKey(account);
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
    ExpressionAttributeValues: { ":pk": pk, ":first": { S: "slot#" }, ":last": { S: "wait#~" } },
    ConsistentRead: true,
    // Without it, DynamoDB reads up to 1 MB of waiting steps, and charges for them.
    Limit: pageSize,
  });
  const found: Item[] = [];
  for await (const items of pages) {
    found.push(...items);
    if (found.filter(isWait).length >= maxWaits) break;
  }
  return found;
}

/** Not always the lowest free number, because steps that ask at the same time would all try it. */
function freeNumber(slots: readonly NumberedSlot[], maxParallel: number, holder: Holder): number {
  const taken = new Set(slots.map(({ number }) => number));
  const numbers = Array.from({ length: maxParallel }, (_, number) => number);
  const free = numbers.filter((number) => !taken.has(number));
  let hash = 0;
  for (const character of nameOf(holder)) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return free[hash % free.length] ?? 0;
}
