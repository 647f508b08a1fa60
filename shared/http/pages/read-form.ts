// Reads a form as browsers send it, up to a size that none of the pages' forms reaches.
import { decodeText, readBytes } from "../read-body.ts";

const maxBytes = 8 * 1024;

/** Null if the request has no such form. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get("content-type") ?? ""))
    return null;
  const sent = await readBytes(request, maxBytes);
  const text = sent.kind === "bytes" ? decodeText(sent.bytes) : null;
  return text === null ? null : new URLSearchParams(text);
}
