// Records the requests at the proxy before Docker Hub, including those that never arrive.

import type { SeenRequest } from "./observed.ts";
import type { Passage } from "./proxy.ts";

export type RequestRecorder = {
  lookUps: SeenRequest[];
  cutTriggers: SeenRequest[];
  onRequest: (bytes: Buffer, passage: Passage) => void;
};

export function createRequestRecorder(): RequestRecorder {
  const lookUps: SeenRequest[] = [];
  const cutTriggers: SeenRequest[] = [];
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
