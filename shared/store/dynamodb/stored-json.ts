// Writes states and runs as JSON, and reads them. They are packed because DynamoDB charges a write by the kilobyte, and an item has at
// most 400 KB. Small states on the embedded engine are plain.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as z from "zod/mini";

/** Nothing known takes no room. The schema reads what is absent as null, false or empty. */
const optional = new Set([
  ...["digest", "digestBefore", "pushed", "platforms", "standsOn", "reportedBy", "image", "onlyStale"],
  ...["look", "lookAt", "because", "promotion"],
]);

/**
 * What most states have in common, so that even the first occurrence takes next to no room. It must never change: what is
 * stored could not be read any more. A better one would get a mark of its own.
 */
const dictionary = Buffer.from(
  '"waitingForSlot","backingOff","awaitingOutcome","checking","delayed","dueAt":,"phase":"outbox":[{"kind":"notify","subject":"runSucceeded","runFailed","runRecovered","runStalled","channel":"ops","attempts":1,"since":null,"pushed":[],"failed":[{"step":"reason":"not pushed in time, triggered once"}],"wakeAt":"kind":"start","lastSeen":[{"name":"image library/debian:","value":"}],"outage":{"since":,"steps":["queuedRun":{"id":"cause":"upstream","source","push","stale","schedule","look":{"at":,"images":[{"step":"state":"stale","behind","unknown","since":,"because":"stands on "pendingConfirmations":[{"step":"pushedAt":,"newRunId":"receivedAt":,"wakeAt":,"lookUps":0}],"promotion":{"phase":"building"},"moving","moves":[{"step":"image":"ghcr.io/","docker.io/","quay.io/","digest":"sha256:","replaced":"sha256:","isMoved":true},"slot":{"account":"since":,"isHeld":true},"build":{"id":"url":"https://github.com//actions/runs/"},"digestBefore":"absent","digestBefore":"sha256:","pushed":{"digest":"sha256:","platforms":["linux/amd64","linux/arm64"],"standsOn":[{"base":{"kind":"image","image":"library/"},"base":{"kind":"step","step":"},"digest":"sha256:","verdict":"proven"}]},{"run":{"id":".20261126T0","pipeline":"","cause":"manual","from":null,"pushedStep":null,"startedAt":17,"stalledAt":null,"log":[{"at":17,"step":null,"state":"running","attempt":0,"reason":null},{"at":17,"step":"","state":"triggering","attempt":1,"reason":null},{"at":17,"step":"","state":"building","attempt":1,"reason":null},{"at":17,"step":"","state":"done","attempt":1,"reason":null},{"at":17,"step":"","state":"fresh","attempt":0,"reason":"it stands on "},{"at":17,"step":null,"state":"succeeded","failed","cancelled","attempt":0,"reason":null}],"steps":[{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"triggering","wakeAt":17,"giveUpAt":17,"lookUps":0},{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"building","wakeAt":17,"giveUpAt":17,"lookUps":0},{"name":"","image":"","attempts":0,"retriesUsed":0,"triggeredAt":null,"build":null,"slot":null,"state":"waiting"},{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"done","doneAt":17,"reportedBy":"lookUp","builder","webhook"}],"status":"succeeded","endedAt":17,"status":"running"},"completions":[{"step":"","at":17,"pushedAt":null,"hubAt":null,"digest":"sha256:"},{"step":"","at":17,"pushedAt":17,"hubAt":17}],"pendingConfirmations":[],"outbox":[],"lastSeen":[],"outage":null,"queuedRun":null,"scheduledFor":null}',
);

/** What is packed starts with one of these. */
const wholeMark = "1:";
const partsMark = "2:";

/** A longer list, such as the steps of a large pipeline, is stored in parts of so many. */
const partSize = 64;
const between = ".";

/**
 * What was packed of each part, by its first member: of a thousand steps, a transition changes one or two, and the parts of the
 * others need not be packed again.
 */
const packedParts = new WeakMap<object, { members: readonly unknown[]; text: string }>();

/** As earlier versions of this program stored all JSON; null for a large value. */
export function writePlain(value: unknown): string | null {
  const json = JSON.stringify(value);
  return json.length <= maxPlain ? json : null;
}

const maxPlain = 16_000;

export function writeStored(value: unknown): string {
  const parts: string[] = [];
  const json = stringify(value, (list) => {
    const from = parts.length;
    for (let at = 0; at < list.length; at += partSize) parts.push(packPart(list.slice(at, at + partSize)));
    return { from, to: parts.length };
  });
  const head = pack(json);
  return parts.length === 0 ? wholeMark + head : partsMark + [head, ...parts].join(between);
}

type ToParts = (list: readonly object[]) => { from: number; to: number };

function stringify(value: unknown, toParts: ToParts | null): string {
  return JSON.stringify(value, (key, inner) => {
    if (optional.has(key) && isNothing(inner)) return undefined;
    return toParts !== null && isLongList(inner) ? { [partsKey]: toParts(inner) } : inner;
  });
}

const partsKey = "$parts";

function isLongList(value: unknown): value is object[] {
  return Array.isArray(value) && value.length > partSize && value.every((one) => typeof one === "object");
}

function packPart(members: readonly object[]): string {
  const [first] = members;
  const known = first === undefined ? undefined : packedParts.get(first);
  const isSame =
    known?.members.length === members.length &&
    members.every((member, place) => member === known.members[place]);
  if (known !== undefined && isSame) return known.text;
  const text = pack(stringify(members, null));
  if (first !== undefined) packedParts.set(first, { members, text });
  return text;
}

function pack(json: string): string {
  return deflateRawSync(json, json.length <= maxSmall ? small : large).toString("base64");
}

/** Half the memory of the default, which takes longer to clear than a small state to pack. The result is the same. */
const small = { dictionary, windowBits: 14, memLevel: 7 };
const large = { dictionary };
const maxSmall = 12_000;

export function readStored(text: string): unknown {
  if (text.startsWith(wholeMark)) return unpack(text.slice(wholeMark.length));
  if (!text.startsWith(partsMark)) return JSON.parse(text);
  const [head = "", ...parts] = text.slice(partsMark.length).split(between);
  return unpack(head, (_key, value) => {
    // Nearly all values are something else, and a schema takes longer.
    const found = mayBeReference(value) ? reference.safeParse(value) : null;
    if (!found?.success) return value;
    const { from, to } = found.data[partsKey];
    return parts.slice(from, to).flatMap((part) => unpack(part));
  });
}

function mayBeReference(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, partsKey);
}

const reference = z.object({ [partsKey]: z.object({ from: z.int(), to: z.int() }) });

function unpack(packed: string, revive?: (key: string, value: unknown) => unknown): unknown {
  return JSON.parse(inflateRawSync(Buffer.from(packed, "base64"), { dictionary }).toString(), revive);
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
