// Reads server-sent events from the body of an answer.

export type ServerSentEvent = { name: string; id: string | null; data: string };

/** Ends with the body; an event that is not complete is dropped. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent | "comment", void, undefined> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield parseEvent(block);
  }
}

function parseEvent(block: string): ServerSentEvent | "comment" {
  const fields = new Map(
    block.split("\n").map((line) => {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      return [field, value];
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return "comment";
  return { name: fields.get("event") ?? "message", id: fields.get("id") ?? null, data };
}
