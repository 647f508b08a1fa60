// Reads a form as browsers send it, and stops reading where it is longer than any of ours.
import { decodeText, readBytes } from "../read-json.ts";

const atMostBytes = 8 * 1024;

/** Null for what is no form. */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get("content-type") ?? ""))
    return null;
  const sent = await readBytes(request, atMostBytes);
  const text = sent.kind === "bytes" ? decodeText(sent.bytes) : null;
  return text === null ? null : new URLSearchParams(text);
}
