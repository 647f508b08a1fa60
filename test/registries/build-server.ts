// A server that builds images when it is asked to by HTTP, one after another.
import { createServer } from "node:http";
import * as z from "zod";
import { serve } from "../stand-ins/serve.ts";

const order = z.object({ step: z.string(), image: z.string(), pins: z.string().default("") });
type Order = z.infer<typeof order>;

export type BuildServer = {
  url: string;
  /** While it is closed, builds are accepted and wait. */
  isOpen: boolean;
  /** The steps that it was asked to build. */
  asked: string[];
  failures: unknown[];
  /** Builds what waits. */
  open: () => void;
  close: () => Promise<void>;
};

export async function startBuildServer(build: (ordered: Order) => Promise<unknown>): Promise<BuildServer> {
  const waiting: Order[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const buildWaiting = () => {
    for (const ordered of waiting.splice(0)) {
      last = last.then(() => build(ordered)).catch((error: unknown) => server.failures.push(error));
    }
  };
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const ordered = order.parse(JSON.parse(Buffer.concat(chunks).toString()));
    server.asked.push(ordered.step);
    waiting.push(ordered);
    response.writeHead(202).end();
    if (server.isOpen) buildWaiting();
  });
  const { origin, close } = await serve(http);
  const server: BuildServer = {
    url: `${origin}/build`,
    isOpen: true,
    asked: [],
    failures: [],
    open: () => {
      server.isOpen = true;
      buildWaiting();
    },
    close: async () => {
      await close();
      await last;
    },
  };
  return server;
}
