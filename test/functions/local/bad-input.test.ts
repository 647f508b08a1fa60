import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import { type Program, residentBytes, webhookSecret } from "../../stand-ins/program.ts";
import { startWithHub, type WithHub } from "../../stand-ins/with-hub.ts";

let setup: WithHub<Program>;
let program: Program;
beforeAll(async () => {
  setup = await startWithHub({ chain: { image: "acme/chain", sequence: ["a", "b"] } });
  program = setup.program;
});
afterAll(() => setup.close());

const json = { "content-type": "application/json" };
const megabytes = (count: number) => `"${"x".repeat(count * 1024 * 1024)}"`;

describe("bad input is answered with the right status:", () => {
  test.each([
    ["broken JSON", 400, () => program.hook("{")],
    ["an empty body", 400, () => program.hook("")],
    ["wrong types", 400, () => program.hook('{"repository":{"repo_name":5},"push_data":{"tag":[]}}')],
    ["deep nesting", 400, () => program.hook(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
    ["10 MB", 413, () => program.hook(megabytes(10))],
    [
      "the wrong content type",
      415,
      () => program.hook(pushWebhook("acme/chain", "a"), { "content-type": "text/plain" }),
    ],
    ["the wrong secret", 404, () => program.hook(pushWebhook("acme/chain", "a"), json, "wrong")],
    ["the wrong secret and 10 MB", 404, () => program.hook(megabytes(10), json, "wrong")],
    ["an unknown repository", 200, () => program.hook(pushWebhook("acme/unknown", "a"))],
    ["an unknown tag", 200, () => program.hook(pushWebhook("acme/chain", "unknown"))],
    ["prototype keys", 200, () => program.hook(pushWebhook("__proto__", "constructor"))],
    ["a line break in a name", 200, () => program.hook(pushWebhook("acme/chain", 'x\n{"level":"error"}'))],
  ])("%s: %i", async (_what, status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body.outcome).toBe("ignored");
    expect(setup.hub.triggers).toEqual([]);
  });

  test("a chunked body of 10 MB without a length: 413", async () => {
    const chunk = "x".repeat(65_536);
    const answer = await raw(
      `POST /hooks/dockerhub/${webhookSecret} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
      160,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a chunked body of 10 MB from a client that reads the answer only after sending all of it: 413", async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 160; sent += 1) controller.enqueue(new Uint8Array(65_536).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${program.origin}/hooks/dockerhub/${webhookSecret}`, {
      method: "POST",
      headers: json,
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
  });

  test("a request that is not HTTP: 400", async () => {
    expect(await raw("\u0016\u0003\u0001 hello\r\n\r\n", "", 0)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test("input cannot forge a line of the log", () => {
  const lines = program.stderr().trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(JSON.parse(line).event).toMatch(/^webhook(?:\.refused)?$/);
});

test("memory stays flat over hundreds of large and broken bodies, and the program keeps serving", async () => {
  const large = megabytes(10);
  const round = async () => {
    for (let index = 0; index < 20; index += 1) {
      expect((await program.hook(large)).status).toBe(413);
      expect((await program.hook("{".repeat(500_000))).status).toBe(400);
      expect((await program.hook(pushWebhook("acme/chain", `t${"x".repeat(400)}${index}`))).status).toBe(200);
    }
  };
  await round();
  const before = residentBytes(program.process);
  for (let again = 0; again < 3; again += 1) await round();
  const grownBytes = residentBytes(program.process) - before;
  // More than 600 MB were sent meanwhile.
  expect(grownBytes).toBeLessThan(80 * 1024 * 1024);
  expect((await program.hook(pushWebhook("acme/chain", "a"))).body.outcome).toBe("advanced");
}, 60_000);

/** Sends what no HTTP client would send, and reads until there is an answer. */
function raw(head: string, chunk: string, times: number): Promise<string> {
  const { hostname, port } = new URL(program.origin);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      for (let sent = 0; sent < times && !socket.destroyed; sent += 1) socket.write(chunk);
    });
    const end = () => resolve(answer);
    socket.on("data", (data) => {
      answer += data.toString();
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", end);
    socket.on("close", end);
  });
}
