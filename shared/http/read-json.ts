// Reads a request's body as JSON, and stops reading once it is too large.

export type JsonBody =
  | { kind: "json"; value: unknown }
  | { kind: "empty" }
  | { kind: "tooLarge" }
  | { kind: "notJson"; reason: string };

export async function readJson(request: Request, atMostBytes: number): Promise<JsonBody> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > atMostBytes) return { kind: "tooLarge" };
  const text = await readText(request, atMostBytes);
  if (text.kind !== "text") return text;
  if (text.value.trim() === "") return { kind: "empty" };
  try {
    return { kind: "json", value: JSON.parse(text.value) };
  } catch {
    return {
      kind: "notJson",
      reason: "expected a body of JSON, found one that does not parse",
    };
  }
}

type Text = { kind: "text"; value: string } | { kind: "tooLarge" } | { kind: "notJson"; reason: string };

export async function readText(request: Request, atMostBytes: number): Promise<Text> {
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
    const value = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    return { kind: "text", value };
  } catch (error) {
    const isEncoding =
      error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA";
    return { kind: "notJson", reason: isEncoding ? "expected a body in UTF-8" : "the body broke off" };
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
