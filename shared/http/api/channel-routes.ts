// The route under /api/channels: sends a test notice.
import type { Hono } from "hono";
import type { Relay } from "../../relay/relay.ts";
import { sendTestNotice } from "../../relay/send-notices.ts";
import { didYouMean } from "../../validation/did-you-mean.ts";
import { problem } from "../problem.ts";
import type { ChannelTestAnswer } from "./answers.ts";

export function addChannelRoutes(api: Hono, relay: Relay): void {
  api.post("/channels/:channel/test", async (c) => {
    const name = c.req.param("channel");
    const delivery = await sendTestNotice(relay, name);
    if (delivery === null) {
      return problem(c, 404, `no channel has this name${didYouMean(name, [...relay.channels.keys()])}`);
    }
    const isSimulated = relay.channels.get(name)?.isSimulated === true;
    const answer: ChannelTestAnswer =
      delivery.kind === "failed"
        ? { channel: name, outcome: "failed", reason: delivery.reason }
        : { channel: name, outcome: isSimulated ? "simulated" : "delivered" };
    return c.json(answer);
  });
}
