// Reads a request's body, as it is or as JSON, and stops reading once it is too large.

export type JsonBody =
  | { kind: "json"; value: unknown }
  | { kind: "empty" }
  | { kind: "tooLarge" }
  | { kind: "notJson"; reason: string };

export async function readJson(request: Request, atMostBytes: number): Promise<JsonBody> {
  const body = await readBytes(request, atMostBytes);
  if (body.kind !== "bytes") return body;
  const text = decodeText(body.bytes);
  return text === null ? { kind: "notJson", reason: "expected a body in UTF-8" } : parseJson(text);
}

export function parseJson(text: string): JsonBody {
  if (text.trim() === "") return { kind: "empty" };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return {
      kind: "notJson",
      reason: "expected a body of JSON, found one that does not parse",
    };
  }
}

/** Null for what is not UTF-8. */
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
  | { kind: "notJson"; reason: string };

/** The body as it was sent. */
export async function readBytes(request: Request, atMostBytes: number): Promise<Bytes> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > atMostBytes) return { kind: "tooLarge" };
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // To ask for the body may fail already: the bridge makes the whole request only now.
    const reader = request.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      size += part.value.byteLength;
      if (size > atMostBytes) {
        void discard(reader);
        return { kind: "tooLarge" };
      }
      chunks.push(part.value);
    }
    return { kind: "bytes", bytes: Buffer.concat(chunks) };
  } catch {
    return { kind: "notJson", reason: "the body broke off" };
  }
}

const discardAtMostBytes = 32 * 1024 * 1024;

/** Whoever is sending still would not read the answer, were the connection closed at once. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  let size = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      size += part.value.byteLength;
      if (size > discardAtMostBytes) return await reader?.cancel();
    }
  } catch {
    // The other side has gone: nobody is left to read the answer.
  }
}
