// Reads along in the proxy before the Hub: what is asked there, also where it never arrives.
import type { Passage } from "./proxy.ts";
import type { Asked } from "./truth.ts";

export type Tap = {
  lookUps: Asked[];
  cutTriggers: Asked[];
  onRequest: (bytes: Buffer, passage: Passage) => void;
};

export function createTap(): Tap {
  const lookUps: Asked[] = [];
  const cutTriggers: Asked[] = [];
  return {
    lookUps,
    cutTriggers,
    onRequest: (bytes, { sentAt, fault }) => {
      const text = bytes.toString("latin1");
      const lookUp = /^GET \/v2\/namespaces\/([^/ ]+)\/repositories\/([^/ ]+)\/tags\/([^/ ]+) /.exec(text);
      if (lookUp !== null) {
        lookUps.push({ image: `${lookUp[1]}/${lookUp[2]}:${lookUp[3]}`, at: sentAt, fault });
      }
      const trigger = /^POST \/u\/([^/ ]+\/[^/ ]+)\/trigger\//.exec(text);
      const tag = /"docker_tag":"([^"]*)"/.exec(text)?.[1];
      if (trigger !== null && fault === "cutBefore") {
        cutTriggers.push({ image: `${trigger[1]}:${tag}`, at: sentAt, fault });
      }
    },
  };
}
