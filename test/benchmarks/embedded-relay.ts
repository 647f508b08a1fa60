// The relay on the embedded engine in the process that measures, without all that stands around it in the local program.
import { startEngine } from "../../functions/local/engine/engine.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import { realOrigins } from "../../shared/outgoing/origins.ts";
import { createSend } from "../../shared/outgoing/send.ts";
import { createRelay, type Relay } from "../../shared/relay/relay.ts";
import { createTable } from "../../shared/store/create-table.ts";
import { createDynamodbSlots } from "../../shared/store/dynamodb-slots.ts";
import { createDynamodbStore } from "../../shared/store/dynamodb-store.ts";
import type { Store } from "../../shared/store/store.ts";
import type { TableRequests } from "../../shared/store/table-requests.ts";
import type { ReadSecret } from "../../shared/triggers/trigger.ts";

/** That of the local program while builds are simulated: it looks into the same folder. */
export const tableName = "tagrelay-simulated";
const historyMs = 90 * 86_400_000;

export type EmbeddedRelay = { relay: Relay; requests: TableRequests; close: () => Promise<void> };

export async function openEmbeddedRelay(
  data: string,
  pipelines: readonly Pipeline[],
  readSecret: ReadSecret,
  clock: () => number = Date.now,
  spare: (store: Store) => Store = (store) => store,
): Promise<EmbeddedRelay> {
  const { requests, close } = await startEngine(data);
  await createTable(requests, tableName);
  const relay = createRelay(pipelines, {
    store: spare(createDynamodbStore({ requests, tableName, historyMs })),
    slots: createDynamodbSlots({ requests, tableName, clock }),
    triggers: { send: createSend(), origins: realOrigins, readSecret, commands: null, clock },
    lookUpTag: async () => ({ kind: "unreadable", reason: "nobody is asked" }),
    clock,
    random: Math.random,
    sleep: async () => undefined,
    log: () => undefined,
    observe: () => undefined,
  });
  return { relay, requests, close };
}
