// Opens the table that holds all state: in the embedded engine, or in the DynamoDB at --dynamodb-endpoint.
import { createTable } from "../../shared/store/dynamodb/create-table.ts";
import type { Embedded } from "../../shared/store/dynamodb/store.ts";
import type { TableRequests } from "../../shared/store/dynamodb/table-requests.ts";
import type { StoreClock } from "../../shared/store/store-clock.ts";
import { UsageError } from "../../shared/usage-error.ts";
import type { LocalOptions } from "../start-options.ts";
import type { Damage } from "./engine/check-folder.ts";
import { startEngine } from "./engine/engine.ts";

export type OpenTable = {
  requests: TableRequests;
  tableName: string;
  damage: Damage | null;
  /** Null for a table that others may write to at any time. */
  embedded: Embedded | null;
  close: () => Promise<void>;
};

/** Two tables, so that a simulated run can never continue as a real one. */
export const tableNames = { live: "tagrelay", simulated: "tagrelay-simulated" };

export async function openTable(options: LocalOptions, storeClock: StoreClock): Promise<OpenTable> {
  const tableName = options.live ? tableNames.live : tableNames.simulated;
  const engine = await openEngine(options, storeClock);
  await createTable(engine.requests, tableName).catch((error: unknown) => {
    if (options.dynamodbEndpoint === null) throw error;
    const name = error instanceof Error ? error.name : "unknown error";
    throw new UsageError(
      `expected a DynamoDB at --dynamodb-endpoint ${options.dynamodbEndpoint}, found no answer from one (${name})`,
    );
  });
  return { ...engine, tableName };
}

async function openEngine({ data, durable, dynamodbEndpoint }: LocalOptions, storeClock: StoreClock) {
  if (dynamodbEndpoint === null) return startEngine(data, durable);
  // Only here, because AWS's client takes longer to load than the embedded engine.
  const { createDynamodbClient } = await import("../../shared/store/dynamodb/client.ts");
  const { createTableRequests } = await import("../../shared/store/dynamodb/table-requests.ts");
  const client = createDynamodbClient(dynamodbEndpoint, storeClock);
  return {
    requests: createTableRequests(client),
    damage: null,
    embedded: null,
    close: async () => client.destroy(),
  };
}
