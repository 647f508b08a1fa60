// Writes the events of an output as server-sent events, and reads where a client that connects again goes on.
import type { OutputEvent, Position } from "./step-output.ts";

export type EventStreams = {
  /** Null if too many are open. */
  open: (
    eventsOf: (signal: AbortSignal) => AsyncGenerator<OutputEvent, void>,
  ) => ReadableStream<Uint8Array> | null;
  /** Ends all streams. Their clients connect again, if the program starts again. */
  close: () => void;
};

/** Each is a connection and, at most, a part of an output. */
const maxOpen = 200;
/** Proxies and the server close connections on which nothing moves for a minute. */
const defaultHeartbeatMs = 15_000;

export function createEventStreams(heartbeatMs = defaultHeartbeatMs, max = maxOpen): EventStreams {
  const open = new Set<AbortController>();
  return {
    open: (eventsOf) => {
      if (open.size >= max) return null;
      const stopping = new AbortController();
      open.add(stopping);
      stopping.signal.addEventListener("abort", () => open.delete(stopping));
      return writeEvents(eventsOf(stopping.signal), stopping, heartbeatMs);
    },
    close: () => {
      for (const stopping of open) stopping.abort();
    },
  };
}

/** Takes the next event only when the last one is sent, so that a slow client makes nothing pile up. */
function writeEvents(
  events: AsyncGenerator<OutputEvent, void>,
  stopping: AbortController,
  heartbeatMs: number,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: ReturnType<typeof events.next> | null = null;
  let isBegun = false;
  return new ReadableStream(
    {
      pull: async (controller) => {
        const write = (text: string) => controller.enqueue(encoder.encode(text));
        if (!isBegun) {
          isBegun = true;
          return write(`retry: ${retryMs}\n\n`);
        }
        next ??= events.next();
        const beat = Promise.withResolvers<"beat">();
        const timer = setTimeout(() => beat.resolve("beat"), heartbeatMs);
        try {
          const found = await Promise.race([next, beat.promise]);
          if (found === "beat") return write(":\n\n");
          next = null;
          if (found.done !== true) return write(writeEvent(found.value));
          controller.close();
        } catch {
          // The client connects again and goes on where it was.
          controller.close();
        } finally {
          clearTimeout(timer);
        }
        stopping.abort();
      },
      cancel: () => stopping.abort(),
    },
    { highWaterMark: 0 },
  );
}

const retryMs = 2_000;

function writeEvent(event: OutputEvent): string {
  return `event: ${event.kind}\nid: ${idOf(event)}\ndata: ${JSON.stringify(dataOf(event))}\n\n`;
}

function dataOf(event: OutputEvent): object {
  if (event.kind === "end") {
    return { outcome: event.outcome, ...(event.reason === null ? {} : { reason: event.reason }) };
  }
  const { attempt } = event.at;
  switch (event.kind) {
    case "output":
      return { attempt, text: event.text };
    case "omitted":
      return { attempt, bytes: event.bytes };
    case "failed":
      return { attempt, reason: event.reason };
    default:
      return event satisfies never;
  }
}

const endId = "end";

function idOf(event: OutputEvent): string {
  if (event.kind === "end") return endId;
  const { attempt, offset, isEnded } = event.at;
  return `${attempt}.${offset}${isEnded ? ".ended" : ""}`;
}

/** Null for the beginning, also if the id is not one of these. */
export function readEventId(id: string | undefined): Position | typeof endId | null {
  if (id === endId) return endId;
  const [, attempt = "", offset = "", ended] = /^(\d{1,6})\.(\d{1,15})(\.ended)?$/.exec(id ?? "") ?? [];
  if (attempt === "") return null;
  return { attempt: Number(attempt), offset: Number(offset), isEnded: ended !== undefined };
}
