// Runs the suites of the store and the slots on an engine of DynamoDB.
import { createTable } from "../../../../shared/store/dynamodb/create-table.ts";
import { createDynamodbSlots } from "../../../../shared/store/dynamodb/slots.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { describeSlots } from "../slots-suite.ts";
import { describeStore } from "../store-suite.ts";
import type { TestEngine } from "./over-http.ts";
import { describeTable } from "./table-suite.ts";

export type StartEngine = () => Promise<TestEngine>;

export function describeStoreOn(name: string, startEngine: StartEngine, { isDynalite = false } = {}): void {
  describeStore(name, async () => {
    const { requests, close } = await startEngine();
    await createTable(requests, "tagrelay-store");
    const store = createDynamodbStore({
      requests,
      tableName: "tagrelay-store",
      historyMs: 90 * 86_400_000,
      clock: () => 0,
    });
    return { store, close };
  });
  describeTable(name, startEngine, isDynalite);
}

export function describeSlotsOn(name: string, startEngine: StartEngine): void {
  describeSlots(name, async (clock) => {
    const { requests, close } = await startEngine();
    await createTable(requests, "tagrelay-slots");
    return { slots: createDynamodbSlots({ requests, tableName: "tagrelay-slots", clock }), close };
  });
}
