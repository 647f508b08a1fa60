// Reads bodies of senders that are not authenticated yet. To bound the memory, only a few large ones are read at once.
import type { Context } from "hono";
import { type Bytes, readBytes } from "../read-body.ts";

export type ReadLimited = (c: Context) => Promise<Bytes | { kind: "busy" }>;

export type BodyLimits = { smallBytes: number; maxBytes: number; maxLargeAtOnce: number };

/** A body without a `Content-Length` must be small. */
export function limitLargeBodies({ smallBytes, maxBytes, maxLargeAtOnce }: BodyLimits): ReadLimited {
  let large = 0;
  return async (c) => {
    const announced = Number(c.req.header("content-length") ?? 0);
    if (!(announced > smallBytes)) return readBytes(c.req.raw, smallBytes);
    if (announced > maxBytes) return { kind: "tooLarge" };
    if (large >= maxLargeAtOnce) return { kind: "busy" };
    large += 1;
    try {
      return await readBytes(c.req.raw, maxBytes);
    } finally {
      large -= 1;
    }
  };
}
