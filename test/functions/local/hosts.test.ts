import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pushWebhook } from "../../stand-ins/docker-hub.ts";
import type { InProcess } from "../../stand-ins/in-process.ts";
import { apiToken, webhookSecret } from "../../stand-ins/program.ts";
import { startWithHubInProcess, type WithHub } from "../../stand-ins/with-hub.ts";

let setup: WithHub<InProcess>;
let program: InProcess;
beforeAll(async () => {
  setup = await startWithHubInProcess({ chain: { image: "acme/chain", sequence: ["a", "b"] } });
  program = setup.program;
});
afterAll(() => setup.close());

/** Sends a request with this target and host header, and returns the first line of the answer. */
function send(target: string, hostLine: string, version = "1.1"): Promise<string> {
  const body = pushWebhook("acme/unknown", "a");
  const head = [
    `POST ${target} HTTP/${version}`,
    ...(hostLine === "" ? [] : [hostLine]),
    `authorization: Bearer ${apiToken}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connection: close",
  ].join("\r\n");
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(new URL(program.origin).port), "127.0.0.1");
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer.split("\r\n")[0] ?? ""));
    socket.write(`${head}\r\n\r\n${body}`);
  });
}

const hook = `/hooks/dockerhub/${webhookSecret}`;

// Hono's adapter accepts these, and failed with 500 and the whole address in the log.
describe("a request with an invalid address is answered with 400:", () => {
  test.each([
    ["a host that looks like a number and is not valid", hook, "host: 1.2.3.4.5"],
    ["an IPv4 address with a number that is too large", hook, "host: 256.256.256.256"],
    ["a port that is too large", hook, "host: x:99999"],
    ["a password in the target", `http://user:password@x${hook}`, "host: x"],
    ["a password in the host", hook, "host: user:password@x"],
    ["another route", "/api/pipelines/chain/runs", "host: 1.2.3.4.5"],
  ])("%s", async (_what, target, hostLine) => {
    expect(await send(target, hostLine)).toBe("HTTP/1.1 400 Bad Request");
    expect(program.stderr()).not.toMatch(/request\.failed/);
    expect(program.stderr()).not.toContain(webhookSecret);
  });
});

test.each([
  ["a name", "host: tagrelay.example", "1.1"],
  ["an IPv6 address", "host: [::1]:8787", "1.1"],
  ["none, which HTTP/1.0 allows", "", "1.0"],
])("a request with a valid host is accepted: %s", async (_what, hostLine, version) => {
  expect(await send(hook, hostLine, version)).toBe("HTTP/1.1 200 OK");
});
