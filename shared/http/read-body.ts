// Reads the body of a request, as bytes or as JSON, up to a maximum size.

export type JsonBody =
  | { kind: "json"; value: unknown }
  | { kind: "empty" }
  | { kind: "tooLarge" }
  | { kind: "invalid"; reason: string };

export async function readJson(request: Request, maxBytes: number): Promise<JsonBody> {
  const body = await readBytes(request, maxBytes);
  return body.kind === "bytes" ? parseJsonBytes(body.bytes) : body;
}

export function parseJsonBytes(bytes: Uint8Array): JsonBody {
  const text = decodeText(bytes);
  return text === null ? { kind: "invalid", reason: notUtf8 } : parseJsonBody(text);
}

export const notUtf8 = "expected a body in UTF-8";

export function parseJsonBody(text: string): JsonBody {
  if (text.trim() === "") return { kind: "empty" };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "invalid", reason: "expected a JSON body, found one that does not parse" };
  }
}

/** Null if the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

export type Bytes =
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "tooLarge" }
  | { kind: "invalid"; reason: string };

export async function readBytes(request: Request, maxBytes: number): Promise<Bytes> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > maxBytes) return { kind: "tooLarge" };
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Even `request.body` can throw: the adapter for Node creates the Request only when it is used.
    const reader = request.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      size += part.value.byteLength;
      if (size > maxBytes) {
        void discard(reader);
        return { kind: "tooLarge" };
      }
      chunks.push(part.value);
    }
    return { kind: "bytes", bytes: Buffer.concat(chunks) };
  } catch {
    return { kind: "invalid", reason: "the body ended early" };
  }
}

const maxDiscardedBytes = 32 * 1024 * 1024;

/** If the connection were closed at once, a client that is still sending would never read the answer. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  let size = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      size += part.value.byteLength;
      if (size > maxDiscardedBytes) return await reader?.cancel();
    }
  } catch {
    // The client is gone, so nobody reads the answer.
  }
}
