// Sends webhooks like GitHub, with a signature of the body's bytes.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { readJson } from "./json.ts";
import { webhookSecret } from "./relay.ts";

export function sign(body: string, secret = webhookSecret): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

export function readFixture(path: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/${path}`, import.meta.url), "utf8"));
}

/** Leaves out headers that are null. */
export async function sendGithub(
  app: Hono,
  event: string,
  payload: unknown,
  headers: Record<string, string | null> = {},
) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const all = {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== null);
  const response = await app.request("/hooks/github", { method: "POST", headers: sent, body });
  return { status: response.status, headers: response.headers, body: await readJson(response) };
}
