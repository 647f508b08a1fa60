// Writes states and runs as packed JSON, and reads them. A write is paid by the kilobyte, and an item has at most 400 KB.
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Nothing known takes no room. The schema reads what is absent as null, false or empty. */
const optional = [
  ...["digest", "digestBefore", "pushed", "platforms", "standsOn", "reportedBy", "image", "onlyStale"],
  ...["look", "lookAt", "because", "promotion"],
];

/**
 * What most states have in common, so that even the first occurrence takes next to no room. It must never change: what is
 * stored could not be read any more. A better one would get a mark of its own.
 */
const dictionary = Buffer.from(
  '"waitingForSlot","backingOff","awaitingOutcome","checking","delayed","dueAt":,"phase":"outbox":[{"kind":"notify","subject":"runSucceeded","runFailed","runRecovered","runStalled","channel":"ops","attempts":1,"since":null,"pushed":[],"failed":[{"step":"reason":"not pushed in time, triggered once"}],"wakeAt":"kind":"start","lastSeen":[{"name":"image library/debian:","value":"}],"outage":{"since":,"steps":["queuedRun":{"id":"cause":"upstream","source","push","stale","schedule","look":{"at":,"images":[{"step":"state":"stale","behind","unknown","since":,"because":"stands on "pendingConfirmations":[{"step":"pushedAt":,"newRunId":"receivedAt":,"wakeAt":,"lookUps":0}],"promotion":{"phase":"building"},"moving","moves":[{"step":"image":"ghcr.io/","docker.io/","quay.io/","digest":"sha256:","replaced":"sha256:","isMoved":true},"slot":{"account":"since":,"isHeld":true},"build":{"id":"url":"https://github.com//actions/runs/"},"digestBefore":"absent","digestBefore":"sha256:","pushed":{"digest":"sha256:","platforms":["linux/amd64","linux/arm64"],"standsOn":[{"base":{"kind":"image","image":"library/"},"base":{"kind":"step","step":"},"digest":"sha256:","verdict":"proven"}]},{"run":{"id":".20261126T0","pipeline":"","cause":"manual","from":null,"pushedStep":null,"startedAt":17,"stalledAt":null,"log":[{"at":17,"step":null,"state":"running","attempt":0,"reason":null},{"at":17,"step":"","state":"triggering","attempt":1,"reason":null},{"at":17,"step":"","state":"building","attempt":1,"reason":null},{"at":17,"step":"","state":"done","attempt":1,"reason":null},{"at":17,"step":"","state":"fresh","attempt":0,"reason":"it stands on "},{"at":17,"step":null,"state":"succeeded","failed","cancelled","attempt":0,"reason":null}],"steps":[{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"triggering","wakeAt":17,"giveUpAt":17,"lookUps":0},{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"building","wakeAt":17,"giveUpAt":17,"lookUps":0},{"name":"","image":"","attempts":0,"retriesUsed":0,"triggeredAt":null,"build":null,"slot":null,"state":"waiting"},{"name":"","image":"","attempts":1,"retriesUsed":0,"triggeredAt":17,"build":null,"slot":null,"state":"done","doneAt":17,"reportedBy":"lookUp","builder","webhook"}],"status":"succeeded","endedAt":17,"status":"running"},"completions":[{"step":"","at":17,"pushedAt":null,"hubAt":null,"digest":"sha256:"},{"step":"","at":17,"pushedAt":17,"hubAt":17}],"pendingConfirmations":[],"outbox":[],"lastSeen":[],"outage":null,"queuedRun":null,"scheduledFor":null}',
);

/** What is packed starts with it; earlier versions of this program stored plain JSON. */
const mark = "1:";

export function writeStored(value: unknown): string {
  const json = JSON.stringify(value, (key, inner) =>
    optional.includes(key) && isNothing(inner) ? undefined : inner,
  );
  return `${mark}${deflateRawSync(json, { dictionary }).toString("base64")}`;
}

export function readStored(text: string): unknown {
  if (!text.startsWith(mark)) return JSON.parse(text);
  const packed = Buffer.from(text.slice(mark.length), "base64");
  return JSON.parse(inflateRawSync(packed, { dictionary }).toString());
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
