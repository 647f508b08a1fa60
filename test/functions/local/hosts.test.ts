import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerHub, pushWebhook, startDockerHub } from "../../stand-ins/docker-hub.ts";
import {
  apiToken,
  type Folder,
  makeFolder,
  type Program,
  startProgram,
  webhookSecret,
} from "../../stand-ins/program.ts";

let folder: Folder;
let hub: DockerHub;
let program: Program;

beforeAll(async () => {
  folder = makeFolder();
  hub = await startDockerHub();
  const config = folder.config({ chain: { image: "acme/chain", sequence: ["a", "b"] } });
  program = await startProgram(["--data", folder.data, "--config", config, "--hub-url", hub.origin]);
});
afterAll(async () => {
  await program.kill("SIGKILL");
  await hub.close();
  folder.remove();
});

/** The first line of the answer to a request of which the target and the host are as told. */
function ask(target: string, hostLine: string, version = "1.1"): Promise<string> {
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

// The bridge to the app believes these, and failed with 500 and the whole address in the log.
describe("a request for what is no address is answered with 400:", () => {
  test.each([
    ["a host that is no number", hook, "host: 1.2.3.4.5"],
    ["a number that is too large", hook, "host: 256.256.256.256"],
    ["a port that is none", hook, "host: x:99999"],
    ["a password in the target", `http://user:password@x${hook}`, "host: x"],
    ["a password in the host", hook, "host: user:password@x"],
    ["another route", "/api/pipelines/chain/runs", "host: 1.2.3.4.5"],
  ])("%s", async (_what, target, hostLine) => {
    expect(await ask(target, hostLine)).toBe("HTTP/1.1 400 Bad Request");
    expect(program.stderr()).not.toMatch(/request\.failed/);
    expect(program.stderr()).not.toContain(webhookSecret);
  });
});

test.each([
  ["a name", "host: tagrelay.example", "1.1"],
  ["an IPv6 address", "host: [::1]:8787", "1.1"],
  ["none, as HTTP/1.0 may", "", "1.0"],
])("a request to a host that can be one is taken: %s", async (_what, hostLine, version) => {
  expect(await ask(hook, hostLine, version)).toBe("HTTP/1.1 200 OK");
});
