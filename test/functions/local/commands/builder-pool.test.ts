import { rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createBuilderPool } from "../../../../functions/local/commands/builder-pool.ts";
import type { BuilderHost } from "../../../../shared/kinds/builder.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(at: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(at, () => resolve()));
  return server;
}

async function startHost(): Promise<BuilderHost & { stop: () => Promise<void>; again: () => Promise<void> }> {
  let server = await listen({ port: 0, host: "127.0.0.1" });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    kind: "docker",
    url: `tcp://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    again: async () => {
      server = await listen({ port, host: "127.0.0.1" });
    },
  };
}

test("commands go to the host with the fewest, also when they come at once, and to the first of equals", async () => {
  const hosts = [await startHost(), await startHost(), await startHost()];
  const pool = createBuilderPool();
  const take = async (base: string) => {
    const taken = await pool.take(base, hosts);
    return taken.kind === "taken" ? hosts.findIndex(({ url }) => url === taken.builder.url) : null;
  };
  expect(await take("a")).toBe(0);
  expect((await Promise.all(["b", "c", "d", "e", "f"].map(take))).toSorted()).toEqual([0, 1, 1, 2, 2]);
  pool.release("a");
  expect(await take("g")).toBe(0);
  // What an earlier program has begun counts, too.
  pool.release("g");
  for (const base of ["x", "y", "z"]) pool.hold(base, hosts[0]?.url ?? "");
  expect(await take("h")).not.toBe(0);
});

test("a host that does not answer is left out for a while, and then tried again", async () => {
  const [first, second] = [await startHost(), await startHost()];
  let now = 0;
  const pool = createBuilderPool({ leaveOutMs: 1_000, clock: () => now });
  const take = async () => {
    const taken = await pool.take("a", [first, second]);
    pool.release("a");
    return taken.kind === "taken" ? taken.builder.url : taken.reason;
  };
  expect(await take()).toBe(first.url);
  await first.stop();
  expect(await take()).toBe(second.url);
  await first.again();
  now += 999;
  expect(await take()).toBe(second.url);
  now += 1;
  expect(await take()).toBe(first.url);
});

test("if no host answers, the answer says why; one that is left out is tried again before that", async () => {
  const [first, second] = [await startHost(), await startHost()];
  const pool = createBuilderPool();
  await Promise.all([first.stop(), second.stop()]);
  expect(await pool.take("a", [first, second])).toEqual({
    kind: "none",
    reason: `expected a builder that answers, found none: ${first.url} (ECONNREFUSED), ${second.url} (ECONNREFUSED)`,
  });
  await second.again();
  expect(await pool.take("a", [first, second])).toMatchObject({ builder: { url: second.url } });
});

test("a host may be a socket, or have a port that goes without saying", async () => {
  const path = join(tmpdir(), `tagrelay-host-${process.pid}`);
  await listen({ path });
  const pool = createBuilderPool();
  expect(await pool.take("a", [{ kind: "docker", url: `unix://${path}` }])).toMatchObject({ kind: "taken" });
  rmSync(path, { force: true });
  // Nobody listens to these on a machine of its tests, but the reason says that it was asked.
  const ports = await pool.take("b", [{ kind: "buildkit", url: "tcp://no-such-host.invalid" }]);
  expect(ports).toMatchObject({
    kind: "none",
    reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|no answer/),
  });
});
