import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { emptyState } from "../../../../shared/run/state.ts";
import { createDynamodbClient } from "../../../../shared/store/dynamodb/client.ts";
import { createRequests } from "../../../../shared/store/dynamodb/requests.ts";
import { createDynamodbStore } from "../../../../shared/store/dynamodb/store.ts";
import { notIndexed } from "../../../../shared/store/index-entries.ts";
import { StoreUnavailableError } from "../../../../shared/store/store.ts";

const before = { state: emptyState, version: 0, indexed: notIndexed };

async function withStore(
  endpoint: string,
  use: (store: ReturnType<typeof createDynamodbStore>) => Promise<unknown>,
) {
  const client = createDynamodbClient(endpoint);
  await use(
    createDynamodbStore({
      requests: createRequests(client),
      tableName: "tagrelay",
      historyMs: 1,
      clock: Date.now,
    }),
  );
  client.destroy();
}

async function listenTo(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${address.port}`, close };
}

describe.concurrent("an unreachable store", () => {
  test("is reported within three seconds by every method if connections are refused", async () => {
    const closed = await listenTo(() => undefined);
    await closed.close();
    await withStore(closed.endpoint, async (store) => {
      const startedAt = Date.now();
      const answers = await Promise.allSettled([
        store.load("chain"),
        store.loadMany(["chain"]),
        store.save("chain", before, emptyState, null),
        store.listDue(0),
        store.findRun("chain.20261120T030000000-aaaaaa"),
        store.listRuns("chain", 5, null),
      ]);
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: "rejected", reason: expect.any(StoreUnavailableError) });
      }
      expect(Date.now() - startedAt).toBeLessThan(3_000);
    });
  });

  test("is reported within three seconds, with the cause, if connections are cut", async () => {
    const cutting = await listenTo((socket) => void socket.destroy());
    await withStore(cutting.endpoint, async (store) => {
      const startedAt = Date.now();
      const error = await store.load("chain").catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/^a request to DynamoDB failed/),
        cause: expect.any(Error),
      });
      expect(Date.now() - startedAt).toBeLessThan(3_000);
    });
    await cutting.close();
  });

  test("is reported within eleven seconds, after three attempts, if nothing answers", async () => {
    let connections = 0;
    const silent = await listenTo(() => {
      connections += 1;
    });
    await withStore(silent.endpoint, async (store) => {
      const startedAt = Date.now();
      await expect(store.load("chain")).rejects.toThrow(StoreUnavailableError);
      expect(Date.now() - startedAt).toBeLessThan(11_000);
      expect(connections).toBe(3);
    });
    await silent.close();
  });
});
