// GET /badge/{p}.svg and .json: a pipeline's state for a README. A badge tells a word and an age, and is for anyone
// wherever there are pages, also where those ask for the token: a README cannot sign in.
import { type Context, Hono } from "hono";
import { etag } from "hono/etag";
import type { Relay } from "../../relay/relay.ts";
import { tellFailure } from "../tell-failure.ts";
import { drawBadge } from "./draw-badge.ts";
import { type Badge, endpointOf, tellBadge, unknownBadge } from "./tell-badge.ts";

const labelAtMost = 60;

export function createBadges(relay: Relay): Hono {
  const badges = new Hono();

  badges.get("/badge/:file", etag(), async (c) => {
    const [, name = "", kind = "svg"] = /^(.+)\.(svg|json)$/.exec(c.req.param("file")) ?? [];
    if (!relay.pipelines.has(name)) return answerBadge(c, unknownBadge, kind, 404);
    const { state } = await relay.store.load(name);
    const label = c.req.query("label")?.slice(0, labelAtMost) || name;
    return answerBadge(c, tellBadge(label, state, relay.clock()), kind, 200);
  });

  badges.onError((error, c) => {
    const { status } = tellFailure(error, c, relay);
    return answerBadge(c, unknownBadge, c.req.path.endsWith(".json") ? "json" : "svg", status);
  });

  return badges;
}

async function answerBadge(c: Context, badge: Badge, kind: string, status: 200 | 404 | 500 | 503) {
  c.header("cache-control", status === 200 ? "public, max-age=60" : "no-cache");
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "default-src 'none'");
  // Others may show it: shields.io by its script, people in their pages.
  c.header("access-control-allow-origin", "*");
  if (kind === "json") return c.json(endpointOf(badge), status);
  return c.body(String(await drawBadge(badge)), status, { "content-type": "image/svg+xml; charset=utf-8" });
}
