// The port that registries implement: what can be looked up about a tag.
import type { Image } from "../image/image.ts";

/** What Docker Hub reports about a tag. */
export type TagAnswer =
  /** When it was last pushed, by this program's clock and by Docker Hub's. */
  | { kind: "pushed"; at: number; hubAt: number }
  /** The repository can be read and has no such tag. */
  | { kind: "missing" }
  /** The repository cannot be read anonymously. Asking again soon would not help. */
  | { kind: "unreadable"; reason: string }
  /** No usable answer. `wasAsked` is false if no request left this machine. */
  | { kind: "unknown"; reason: string; retryAfterMs: number | null; wasAsked: boolean };

export type LookUpTag = (image: Image) => Promise<TagAnswer>;

export type DigestAnswer =
  | { kind: "found"; digest: string }
  /** The image does not exist or is not public; the registry's answer is the same for both. */
  | { kind: "missing" }
  | { kind: "unknown"; reason: string };

/** Takes an image's whole name, such as `library/debian:bookworm`. */
export type LookUpDigest = (image: string) => Promise<DigestAnswer>;
