// A line to a registry on which each push of a manifest takes a while, so that a kill can come in the middle of several.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "../stand-ins/serve.ts";

export type SlowLine = { origin: string; close: () => Promise<void> };

export function startSlowLine(host: string, maxMs: number): Promise<SlowLine> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "GET", url = "/" } = request;
    if (method === "PUT") await sleep(Math.random() * maxMs);
    const { accept, "content-type": type } = request.headers;
    const answer = await fetch(`http://${host}${url}`, {
      method,
      headers: { ...(accept ? { accept } : {}), ...(type ? { "content-type": type } : {}) },
      ...(method === "PUT" ? { body: Buffer.concat(chunks) } : {}),
    });
    const headers = ["content-type", "docker-content-digest"].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    response.writeHead(answer.status, Object.fromEntries(headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return serve(server);
}
