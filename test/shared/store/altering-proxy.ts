// Stands between a client and its DynamoDB, as a real HTTP server that alters what passes or lets it be lost.
import { createServer } from "node:http";
import * as z from "zod";
import { serve } from "../../stand-ins/serve.ts";

const body = z.record(z.string(), z.unknown());
export type Body = z.infer<typeof body>;

export type Alter = {
  /** What is passed on instead; null cuts the connection, and nothing is passed on. */
  request?: (operation: string, asked: Body) => Promise<Body | null> | Body | null;
  /** What is answered instead; null cuts the connection after the engine has done as asked. */
  answer?: (operation: string, answered: Body, asked: Body) => Body | null;
};

export async function startAlteringProxy(endpoint: string, alter: Alter) {
  const passed: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
    const asked = body.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const altered = alter.request === undefined ? asked : await alter.request(operation, asked);
    if (altered === null) return void request.socket.destroy();
    const headers = new Headers();
    for (const name of ["authorization", "content-type", "x-amz-date", "x-amz-target"]) {
      headers.set(name, String(request.headers[name]));
    }
    const answer = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(altered) });
    passed.push(operation);
    const answered = body.parse(await answer.json());
    const told =
      answer.ok && alter.answer !== undefined ? alter.answer(operation, answered, asked) : answered;
    if (told === null) return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(told));
  });
  const { origin, close } = await serve(server);
  return { endpoint: origin, passed, close };
}
