// The address that a request came from, in the local program and on Lambda.
import type { Context } from "hono";
import * as z from "zod/mini";
import { isLoopback } from "../outgoing/origins.ts";

const environment = z.object({
  incoming: z.optional(z.object({ socket: z.object({ remoteAddress: z.optional(z.string()) }) })),
  requestContext: z.optional(z.object({ http: z.optional(z.object({ sourceIp: z.string() })) })),
});

/** Null if there is no connection. Of an IPv6 address, only the network, which has more addresses than anyone can count. */
export function clientAddress(c: Context): string | null {
  const { data } = environment.safeParse(c.env ?? {});
  const direct = data?.requestContext?.http?.sourceIp ?? data?.incoming?.socket.remoteAddress ?? null;
  if (direct === null) return null;
  const plain = direct.replace(/^::ffff:/, "");
  // A proxy on this machine appends whom it got the request from. What comes before that, anybody may have written.
  const forwarded =
    isLoopback(plain) || plain === "::1" ? c.req.header("x-forwarded-for")?.split(",").at(-1) : undefined;
  const address = (forwarded?.trim() || plain).slice(0, 64);
  return address.includes(":") ? address.split(":").slice(0, 4).join(":") : address;
}
