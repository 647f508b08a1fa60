// Follows an output as a program of its users does: server-sent events over real HTTP.
import { readEvents } from "../../functions/cli/output/read-events.ts";
import { apiToken } from "./program.ts";

export type SeenEvent = { name: string; id: string | null; data: ReturnType<typeof JSON.parse> };

export type Reading = {
  status: number;
  seen: SeenEvent[];
  text: () => string;
  /** Resolves when the stream ends. */
  ended: Promise<void>;
  close: () => void;
};

export async function readOutput(
  address: string,
  headers: Record<string, string> = { authorization: `Bearer ${apiToken}` },
): Promise<Reading> {
  const closing = new AbortController();
  const response = await fetch(address, {
    headers: { accept: "text/event-stream", ...headers },
    signal: closing.signal,
  });
  const seen: SeenEvent[] = [];
  const read = async () => {
    if (response.body === null || response.status !== 200) return;
    for await (const event of readEvents(response.body)) {
      if (event !== "comment") seen.push({ ...event, data: JSON.parse(event.data) });
    }
  };
  return {
    status: response.status,
    seen,
    text: () => seen.map(({ name, data }) => (name === "output" ? data.text : "")).join(""),
    ended: read().catch(() => undefined),
    close: () => closing.abort(),
  };
}
