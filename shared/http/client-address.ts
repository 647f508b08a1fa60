// The address that a request came from, in the local program and on Lambda.
import { isIPv6 } from "node:net";
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
  const plain = withoutMapping(direct);
  // A proxy on this machine appends whom it got the request from. What comes before that, anybody may have written.
  const forwarded =
    isLoopback(plain) || plain === "::1" ? c.req.header("x-forwarded-for")?.split(",").at(-1) : undefined;
  const address = withoutMapping(forwarded?.trim() || plain).slice(0, 64);
  return isIPv6(address) ? networkOf(address) : address;
}

/** An IPv4 address that is written as one of IPv6 has no network of its own: all of these are in one. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, "");
}

const allGroups = 8;
const networkGroups = 4;

/** One client can write the addresses of its network in many ways: with `::`, with leading zeros and in capitals. */
function networkOf(address: string): string {
  const [before = [], after = []] = address
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const left = Math.max(0, allGroups - before.length - after.length);
  return [...before, ...Array.from({ length: left }, () => "0"), ...after]
    .slice(0, networkGroups)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
