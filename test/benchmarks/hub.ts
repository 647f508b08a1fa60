// A stand-in for Docker Hub without delays: records when triggers arrive, and reports every tag as just pushed.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "../stand-ins/serve.ts";

export type Hub = {
  origin: string;
  /** The path and the tag of each trigger, and when it arrived. */
  triggers: { what: string; at: number }[];
  lookUps: () => number;
  close: () => Promise<void>;
};

export async function startHub(): Promise<Hub> {
  const triggers: Hub["triggers"] = [];
  let lookUps = 0;
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const at = performance.now();
      const { docker_tag } = JSON.parse(await text(request));
      triggers.push({ what: `${request.url} ${docker_tag}`, at });
      response.writeHead(202, { "content-type": "application/json" }).end("{}");
      return;
    }
    lookUps += 1;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ tag_last_pushed: new Date().toISOString() }));
  });
  return { ...(await serve(server)), triggers, lookUps: () => lookUps };
}
