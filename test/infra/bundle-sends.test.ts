// send.ts as it is bundled, with two parts of undici, against real servers: every kind of request and answer.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { createSend, Send } from "../../shared/outgoing/send.ts";
import { type AnyServer, answering, cutting, startAnyServer, staying } from "../stand-ins/any-server.ts";
import { importBundled } from "../stand-ins/import-bundled.ts";
import { selfSigned } from "../stand-ins/self-signed.ts";

const folder = mkdtempSync(join(tmpdir(), "tagrelay-sends-"));
let server: AnyServer;
let send: Send;

beforeAll(async () => {
  server = await startAnyServer();
  const bundled: { createSend: typeof createSend } = await importBundled("shared/outgoing/send.ts", folder);
  send = bundled.createSend(() => true);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const ask = (method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH", body?: string, timeoutMs = 2_000) =>
  send({
    method,
    url: `${server.origin}/path?a=b`,
    headers: { "x-mine": "1" },
    timeoutMs,
    ...(body === undefined ? {} : { body }),
  });

test.each(["GET", "HEAD", "POST", "PUT", "PATCH"] as const)(
  "%s is sent and answered, several times over one connection",
  async (method) => {
    server.answer = answering(200, method === "HEAD" ? "" : "é".repeat(10_000), { "x-theirs": "2" });
    for (const body of [undefined, "", '{"é":1}'].slice(0, method === "GET" || method === "HEAD" ? 1 : 3)) {
      const answer = await ask(method, body);
      expect(answer).toMatchObject({ kind: "answered", status: 200 });
      expect(answer.kind === "answered" && answer.header("x-theirs")).toBe("2");
      if (method !== "HEAD") expect(answer).toMatchObject({ text: "é".repeat(10_000) });
      expect(server.asked.at(-1)).toMatchObject({
        method,
        path: "/path?a=b",
        headers: { "x-mine": "1" },
        body: body ?? "",
      });
    }
  },
);

test("answers in chunks, without a length, and without a body are read", async () => {
  server.answer = (response) => {
    response.write("one ");
    setTimeout(() => response.end("two"), 20);
  };
  expect(await ask("GET")).toMatchObject({ status: 200, text: "one two" });
  server.answer = (response) => {
    response.socket?.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end");
  };
  expect(await ask("GET")).toMatchObject({ status: 200, text: "to the end" });
  server.answer = answering(204);
  expect(await ask("POST", "{}")).toMatchObject({ status: 204, text: "" });
});

test("failures are reported as they are without bundling", async () => {
  server.answer = staying;
  expect(await ask("GET", undefined, 200)).toEqual({ kind: "unanswered", reason: "no answer in time" });
  server.answer = cutting;
  expect(await ask("POST", "{}")).toEqual({
    kind: "unanswered",
    reason: expect.stringMatching(/^the connection broke \(\w+\)$/),
  });
  server.answer = (response) => void response.socket?.end("SMTP 220\r\n\r\n");
  expect(await ask("GET")).toEqual({ kind: "unanswered", reason: "the connection broke (no code)" });
  server.answer = answering(202, "x".repeat(1_000_000));
  expect(await ask("GET")).toMatchObject({ kind: "answered", status: 202 });
  const refused = { kind: "unsent", reason: "the connection was refused" };
  expect(await send({ method: "GET", url: "http://127.0.0.1:1/", timeoutMs: 2_000 })).toEqual(refused);
});

test("requests use HTTP/1.1, even if the host prefers HTTP/2", async () => {
  const versions: string[] = [];
  const { key, cert } = selfSigned();
  const secure = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.end("over TLS");
  });
  await new Promise<void>((resolve) => secure.listen(0, "localhost", resolve));
  const address = secure.address();
  const url = `https://localhost:${typeof address === "object" ? address?.port : 0}/`;
  expect(await send({ method: "GET", url, timeoutMs: 2_000 })).toEqual({
    kind: "unsent",
    reason: "the host's certificate was not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)",
  });
  const trusted = getCACertificates("default");
  setDefaultCACertificates([cert]);
  expect(await send({ method: "POST", url, body: "{}", timeoutMs: 2_000 })).toMatchObject({
    text: "over TLS",
  });
  setDefaultCACertificates(trusted);
  expect(versions).toEqual(["1.1"]);
  await new Promise((resolve) => secure.close(resolve));
});

test("code that was left out throws an error that says so if it is used after all", async () => {
  const file = join(folder, "form.js");
  writeFileSync(
    file,
    `import { Agent, request } from "undici";
    export const post = (url, body) => request(url, { method: "POST", body, dispatcher: new Agent() });`,
  );
  const { post } = await importBundled(file, folder);
  await expect(post(server.origin, new FormData())).rejects.toThrow(
    "undici/lib/web/webidl/index.js is left out of this bundle",
  );
});
