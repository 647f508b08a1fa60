// Looks up tags and upstream images at the registry that each of them is at.
import { setTimeout as realSleep } from "node:timers/promises";
import { isOnDockerHub } from "../image/image.ts";
import type { LookUpDigest, LookUpTag, MoveTag, ReadContent } from "../kinds/registry.ts";
import { createLookUpTag } from "./dockerhub/look-up-tag.ts";
import type { RegistryPorts } from "./oci/authorize.ts";
import { createRegistryClient } from "./oci/client.ts";
import { createLookUpTagDigest } from "./oci/look-up-tag.ts";
import { createLookUpUpstream } from "./oci/look-up-upstream.ts";
import { createMoveTag } from "./oci/move-tag.ts";
import { createReadContent } from "./oci/read-content.ts";
import { respectLimits } from "./oci/respect-limits.ts";

/** Docker Hub has a tag API, which tells when a tag was pushed. Other registries only tell what it points to. */
export function createLookUps(
  ports: RegistryPorts,
  sleep: (ms: number) => Promise<unknown> = (ms) => realSleep(ms),
): {
  lookUpTag: LookUpTag;
  lookUpDigest: LookUpDigest;
  readContent: ReadContent;
  moveTag: MoveTag;
} {
  const client = createRegistryClient(ports);
  const { requestManifest } = client;
  const lookUpPush = createLookUpTag(ports);
  const lookUpTagDigest = createLookUpTagDigest(requestManifest);
  return {
    lookUpTag: (image) => (isOnDockerHub(image) ? lookUpPush(image) : lookUpTagDigest(image)),
    lookUpDigest: createLookUpUpstream(requestManifest, ports.clock),
    readContent: createReadContent(respectLimits(client, ports.clock, sleep)),
    moveTag: createMoveTag(client),
  };
}
