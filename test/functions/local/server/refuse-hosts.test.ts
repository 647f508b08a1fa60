// Over real sockets: `fetch` does not let a Host header be set.
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InProcess, startInProcess } from "../../../stand-ins/in-process.ts";
import { type Folder, makeFolder, webhookSecret } from "../../../stand-ins/program.ts";

let folder: Folder;
let program: InProcess;
beforeAll(async () => {
  folder = makeFolder();
  const config = folder.config({ p: { sequence: ["acme/p:1"] } }, { url: "https://tagrelay.example.org/x" });
  const names = ["--allow-host", "tagrelay", "--allow-host", "*.home.arpa"];
  program = await startInProcess(["--data", folder.data, "--config", config, ...names]);
});
afterAll(async () => {
  await program.stop();
  folder.remove();
});

const ask = (host: string, path = "/", method = "GET") =>
  new Promise<number>((resolve, reject) => {
    const asked = request(`${program.origin}${path}`, { method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once("error", reject).end();
  });

describe("a request is answered if it is for", () => {
  test.each([
    ...[
      "localhost",
      "localhost:8787",
      "LOCALHOST.",
      "a.localhost",
      "127.0.0.1:1",
      "[::1]:8787",
      "192.168.1.7",
    ],
    ...[
      "tagrelay.example.org",
      "Tagrelay.Example.org:443",
      "tagrelay:8787",
      "nas.home.arpa",
      "a.b.home.arpa",
    ],
  ])("%s", async (host) => {
    expect(await ask(host)).toBe(200);
  });
});

describe("a request is refused if it is for", () => {
  test.each([
    ...["evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.evil.example", "home.arpa"],
    ...["notlocalhost", "tagrelay.evil.example", "xtagrelay.example.org", "evilhome.arpa"],
  ])("%s", async (host) => {
    expect(await ask(host)).toBe(421);
    expect(await ask(host, "/api/pipelines")).toBe(421);
    expect(await ask(host, "/sign-in", "POST")).toBe(421);
  });
});

test("webhooks and health checks are answered for any name, as their senders choose it", async () => {
  expect(await ask("evil.example", "/healthz")).toBe(200);
  expect(await ask("evil.example", `/hooks/dockerhub/${webhookSecret}`, "POST")).toBe(415);
});
