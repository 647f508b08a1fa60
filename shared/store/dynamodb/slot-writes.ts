// The conditional writes behind the slots. Each changes an item only if it is still as it was read.
import type { Holder, Slot } from "../slots.ts";
import { ifUnchanged } from "./if-unchanged.ts";
import type { Item, Key, Table } from "./requests.ts";
import { holderAttributes, type NumberedSlot, nameOf, type Wait } from "./slot-items.ts";
import { accountKey, slotKey, waitKey } from "./table.ts";

export type SlotTable = Table & { clock: () => number };

export function occupySlot(
  table: SlotTable,
  account: string,
  number: number,
  holder: Holder,
): Promise<boolean> {
  return ifUnchanged(
    table.requests.putItem({
      TableName: table.tableName,
      Item: slotItem(table, account, number, holder),
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
}

/** Renews `takenAt`, so that a process that read the slot earlier does not release it as lost. */
export function renewSlot(table: SlotTable, account: string, slot: NumberedSlot): Promise<boolean> {
  const Item = slotItem(table, account, slot.number, slot);
  return ifUnchanged(table.requests.putItem({ TableName: table.tableName, Item, ...isAsRead(slot) }));
}

export function removeSlots(
  { requests, tableName }: Table,
  account: string,
  slots: readonly NumberedSlot[],
): Promise<boolean[]> {
  const removals = slots.map((slot) => {
    const Key = slotKey(account, slot.number);
    return ifUnchanged(requests.deleteItem({ TableName: tableName, Key, ...isHeldBy(slot) }));
  });
  return Promise.all(removals);
}

export function removeSlotAsRead(
  { requests, tableName }: Table,
  account: string,
  slot: Slot,
  number: number,
): Promise<boolean> {
  const Key = slotKey(account, number);
  return ifUnchanged(requests.deleteItem({ TableName: tableName, Key, ...isAsRead(slot) }));
}

/** The step's place in line: the earliest `since` comes first. */
export function waitKeyOf(account: string, holder: Holder) {
  return waitKey(account, holder.since, nameOf(holder));
}

export function waitItem({ clock }: SlotTable, account: string, holder: Holder): Item {
  return {
    ...waitKeyOf(account, holder),
    ...holderAttributes(holder),
    seenAt: { N: String(clock()) },
  };
}

export function removeWaits(
  { requests, tableName }: Table,
  account: string,
  waits: readonly Wait[],
): Promise<boolean[]> {
  const removals = waits.map((wait) => {
    const Key: Key = { ...accountKey(account), sk: { S: wait.sk } };
    const condition = {
      ConditionExpression: "seenAt = :seenAt",
      ExpressionAttributeValues: { ":seenAt": { N: String(wait.seenAt) } },
    };
    return ifUnchanged(requests.deleteItem({ TableName: tableName, Key, ...condition }));
  });
  return Promise.all(removals);
}

function slotItem({ clock }: SlotTable, account: string, number: number, holder: Holder): Item {
  return {
    ...slotKey(account, number),
    ...holderAttributes(holder),
    takenAt: { N: String(clock()) },
  };
}

function isHeldBy(holder: Holder) {
  return {
    ConditionExpression: "holder = :holder",
    ExpressionAttributeValues: { ":holder": { S: nameOf(holder) } },
  };
}

function isAsRead(slot: Slot) {
  const { ExpressionAttributeValues: values } = isHeldBy(slot);
  return {
    ConditionExpression: "holder = :holder AND takenAt = :takenAt",
    ExpressionAttributeValues: { ...values, ":takenAt": { N: String(slot.takenAt) } },
  };
}
