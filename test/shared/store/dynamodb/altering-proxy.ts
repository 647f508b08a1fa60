// A real HTTP server between a client and DynamoDB that alters or drops requests and answers.
import { createServer } from "node:http";
import * as z from "zod";
import { serve } from "../../../stand-ins/serve.ts";

const bodySchema = z.record(z.string(), z.unknown());
export type Body = z.infer<typeof bodySchema>;

export type Alter = {
  /** The request to pass on instead; null drops it and cuts the connection. */
  request?: (operation: string, body: Body) => Promise<Body | null> | Body | null;
  /** The answer to return instead; null cuts the connection after the engine has carried out the request. */
  answer?: (operation: string, answered: Body, body: Body) => Body | null;
};

export async function startAlteringProxy(endpoint: string, alter: Alter) {
  const passed: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
    const body = bodySchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const altered = alter.request === undefined ? body : await alter.request(operation, body);
    if (altered === null) return void request.socket.destroy();
    const headers = new Headers();
    for (const name of ["authorization", "content-type", "x-amz-date", "x-amz-target"]) {
      headers.set(name, String(request.headers[name]));
    }
    const answer = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(altered) });
    passed.push(operation);
    const answered = bodySchema.parse(await answer.json());
    const returned =
      answer.ok && alter.answer !== undefined ? alter.answer(operation, answered, body) : answered;
    if (returned === null) return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(returned));
  });
  const { origin, close } = await serve(server);
  return { endpoint: origin, passed, close };
}
