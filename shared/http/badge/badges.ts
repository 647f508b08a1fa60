// GET /badge/{pipeline}.svg and .json: a pipeline's status for a README. Badges are public even if the pages require the
// token, because a README cannot sign in. They show a word and an age only.
import { type Context, Hono } from "hono";
import { etag } from "hono/etag";
import type { Relay } from "../../relay/relay.ts";
import { reportFailure } from "../report-failure.ts";
import { type Badge, badgeOf, shieldsEndpoint, unknownBadge } from "./badge.ts";
import { drawBadge } from "./draw-badge.ts";

const maxLabelLength = 60;

export function createBadges(relay: Relay): Hono {
  const badges = new Hono();

  badges.get("/badge/:file", etag(), async (c) => {
    const [, name = "", kind = "svg"] = /^(.+)\.(svg|json)$/.exec(c.req.param("file")) ?? [];
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) return answerBadge(c, unknownBadge, kind, 404);
    const { state } = await relay.store.load(name);
    const label = c.req.query("label")?.slice(0, maxLabelLength) || name;
    return answerBadge(c, badgeOf(label, pipeline, state, relay.clock()), kind, 200);
  });

  badges.onError((error, c) => {
    const { status } = reportFailure(error, c, relay);
    return answerBadge(c, unknownBadge, c.req.path.endsWith(".json") ? "json" : "svg", status);
  });

  return badges;
}

async function answerBadge(c: Context, badge: Badge, kind: string, status: 200 | 404 | 500 | 503) {
  c.header("cache-control", status === 200 ? "public, max-age=60" : "no-cache");
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "default-src 'none'");
  // Other sites may load it with a script.
  c.header("access-control-allow-origin", "*");
  if (kind === "json") return c.json(shieldsEndpoint(badge), status);
  return c.body(String(await drawBadge(badge)), status, { "content-type": "image/svg+xml; charset=utf-8" });
}
