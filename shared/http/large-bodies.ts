// Bounds the memory that large bodies take before it is known who sends them: a few at once, the small ones as ever.
import type { Context } from "hono";
import { type Bytes, readBytes } from "./read-json.ts";

export type LargeBodies = (c: Context) => Promise<Bytes | { kind: "busy" }>;

export type LargeBodiesLimits = { smallBytes: number; atMostBytes: number; largeAtOnce: number };

/** One that does not tell its length is small, or too large. */
export function createLargeBodies({ smallBytes, atMostBytes, largeAtOnce }: LargeBodiesLimits): LargeBodies {
  let large = 0;
  return async (c) => {
    const announced = Number(c.req.header("content-length") ?? 0);
    if (!(announced > smallBytes)) return readBytes(c.req.raw, smallBytes);
    if (announced > atMostBytes) return { kind: "tooLarge" };
    if (large >= largeAtOnce) return { kind: "busy" };
    large += 1;
    try {
      return await readBytes(c.req.raw, atMostBytes);
    } finally {
      large -= 1;
    }
  };
}
