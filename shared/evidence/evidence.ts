// What is known of a pushed image: its digest, its platforms, and whether it stands on its bases.
import * as z from "zod/mini";
import type { Image } from "../image/image.ts";

export const verdicts = ["proven", "contradicted", "unknown"] as const;
export type Verdict = (typeof verdicts)[number];

/** Whether an image was built from this base. The base is a step of the pipeline, or an upstream image. */
export const standsOnSchema = z.object({
  base: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("step"), step: z.string() }),
    z.object({ kind: z.literal("image"), image: z.string() }),
  ]),
  /** The base's digest that the verdict is about; null if it is not known. */
  digest: z._default(z.nullable(z.string()), null),
  verdict: z.enum(verdicts),
});
export type StandsOn = z.infer<typeof standsOnSchema>;
export type BaseName = StandsOn["base"];

/** What a tag was pushed as. */
export const pushedImageSchema = z.object({
  digest: z.string(),
  /** Empty if they are not known. */
  platforms: z._default(z.array(z.string()), []),
  standsOn: z._default(z.array(standsOnSchema), []),
});
export type PushedImage = z.infer<typeof pushedImageSchema>;

/** A base that an image should stand on. */
export type ExpectedBase = {
  name: BaseName;
  image: Image;
  /** What it was pushed as in this run; null for what its tag points to now. */
  digest: string | null;
  /** What it was before, by digest or tag. An image that stands on one of these is stale. */
  earlier: string[];
  /** The tag that a run pushes it to, if it is not its own. */
  candidate?: string;
};

/** What the registries show of a pushed image. */
export type Evidence =
  | {
      kind: "found";
      pushed: PushedImage;
      /** Why bases are contradicted, by their order. */
      contradictions: string[];
    }
  /** `isTemporary` if asking again later may help. */
  | { kind: "unknown"; reason: string; isTemporary: boolean };

/** A base as messages and answers name it. */
export function describeBase(base: BaseName): string {
  return base.kind === "step" ? base.step : base.image;
}

/** `sha256:0123456789ab`, as `docker images` shortens it. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
