// Parses HTTP answers from raw bytes, because an HTTP client would hide malformed ones.

export type Answer = { status: number; head: string; body: Buffer };

export type AnswerReader = {
  add: (chunk: Buffer) => void;
  /** The next complete answer, to a request with this method; null if there is none yet. */
  next: (method: string) => Answer | null;
};

export function createAnswerReader(): AnswerReader {
  let buffer: Buffer = Buffer.alloc(0);
  const next = (method: string): Answer | null => {
    const end = buffer.indexOf("\r\n\r\n");
    if (end === -1) return null;
    const head = buffer.toString("latin1", 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? Number.NaN);
    const after = buffer.subarray(end + 4);
    const framed = readBody(status, method, head, after);
    if (framed === null) return null;
    buffer = framed.after;
    // 100 is not the answer; it only asks for the body.
    return status < 200 ? next(method) : { status, head, body: framed.body };
  };
  return {
    add: (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
    },
    next,
  };
}

type Framed = { body: Buffer; after: Buffer } | null;

function readBody(status: number, method: string, head: string, after: Buffer): Framed {
  const isBare = method === "HEAD" || status < 200 || status === 204 || status === 304;
  if (isBare) return { body: Buffer.alloc(0), after: Buffer.from(after) };
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return readChunks(after);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (after.length < length) return null;
  return { body: Buffer.from(after.subarray(0, length)), after: Buffer.from(after.subarray(length)) };
}

function readChunks(after: Buffer): Framed {
  const parts: Buffer[] = [];
  let from = 0;
  for (;;) {
    const line = after.indexOf("\r\n", from);
    if (line === -1) return null;
    const size = Number.parseInt(after.toString("latin1", from, line), 16);
    const end = line + 2 + size + 2;
    if (Number.isNaN(size) || after.length < end) return null;
    if (size === 0) return { body: Buffer.concat(parts), after: Buffer.from(after.subarray(end)) };
    parts.push(after.subarray(line + 2, line + 2 + size));
    from = end;
  }
}
