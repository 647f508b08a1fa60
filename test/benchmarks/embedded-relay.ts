// Opens the relay on the embedded engine in the measuring process, without the rest of the local program.
import { startEngine } from "../../functions/local/engine/engine.ts";
import type { ReadSecret } from "../../shared/kinds/read-secret.ts";
import type { ReadContent } from "../../shared/kinds/registry.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import type { Pipeline } from "../../shared/pipeline/pipeline.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb/store.ts";
import type { TableRequests } from "../../shared/store/dynamodb/table-requests.ts";
import type { Store } from "../../shared/store/store.ts";

/** The local program uses this name for simulated builds, and reads the same folder. */
const notMeasured = { kind: "unknown", reason: "evidence is not measured", isTemporary: false } as const;
const unread: ReadContent = {
  readDigest: async () => notMeasured,
  readImage: async () => notMeasured,
  readDiffIds: async () => notMeasured,
  readCreated: async () => notMeasured,
  readMaterials: async () => notMeasured,
};

export const tableName = "tagrelay-simulated";
const historyMs = 90 * 86_400_000;

export type EmbeddedRelay = { relay: Relay; requests: TableRequests; close: () => Promise<void> };

export async function openEmbeddedRelay(
  data: string,
  pipelines: readonly Pipeline[],
  readSecret: ReadSecret,
  clock: () => number = Date.now,
  wrapStore: (store: Store) => Store = (store) => store,
): Promise<EmbeddedRelay> {
  const { requests, embedded, close } = await startEngine(data);
  await createTable(requests, tableName);
  const relay = createRelay(pipelines, {
    store: wrapStore(createDynamodbStore({ requests, tableName, historyMs, clock, embedded })),
    slots: createDynamodbSlots({ requests, tableName, clock }),
    builderContext: { send: createSend(), origins: realOrigins, readSecret, commands: null, clock },
    moveTag: async () => ({ kind: "failed", reason: "not simulated", isTemporary: false }),
    lookUpTag: async () => ({ kind: "unreadable", reason: "look-ups are not measured" }),
    readContent: unread,
    clock,
    random: Math.random,
    sleep: async () => undefined,
    log: () => undefined,
    observe: () => undefined,
  });
  return { relay, requests, close };
}
