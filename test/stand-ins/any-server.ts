// An HTTP server for tests: records requests and gives the answers that a test sets.
import { createServer, type ServerResponse } from "node:http";
import { serve } from "./serve.ts";

export type Asked = { method: string; path: string; headers: Record<string, unknown>; body: string };
export type AnyServer = {
  origin: string;
  asked: Asked[];
  answer: (response: ServerResponse) => void;
  close: () => Promise<void>;
};

export async function startAnyServer(): Promise<AnyServer> {
  const asked: Asked[] = [];
  const recorded: Pick<AnyServer, "asked" | "answer"> = { asked, answer: (response) => void response.end() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url: path = "", headers } = request;
    asked.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    anyServer.answer(response);
  });
  const anyServer: AnyServer = Object.assign(recorded, await serve(server));
  return anyServer;
}

export function answering(status: number, body = "", headers: Record<string, string> = {}) {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body);
}

export const cutting = (response: ServerResponse) => void response.socket?.destroy();
export const staying = (_response: ServerResponse) => undefined;
