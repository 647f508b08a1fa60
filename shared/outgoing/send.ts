// Sends a request to the outside: only where it may go, with time-outs, without following redirects, and without a URL
// in any error.
import { Agent, request } from "undici";
import { type MayAsk, namedBy, realOrigins } from "./origins.ts";

export type Outgoing = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
};

export type Answer =
  | {
      kind: "answered";
      status: number;
      header: (name: string) => string | null;
      text: string;
    }
  /** The request has not left. */
  | { kind: "unsent"; reason: string }
  /** It has left, or may have, and what became of it is not known. */
  | { kind: "unanswered"; reason: string };

export type Send = (outgoing: Outgoing) => Promise<Answer>;

/** Ten of the largest secrets of SSM are more than 64 KiB. */
const textAtMostBytes = 128 * 1024;

/** Errors of these codes come before anything is sent. */
const unsentCodes = new Map([
  ["ECONNREFUSED", "the connection was refused"],
  ["ENOTFOUND", "the host was not found"],
  ["EAI_AGAIN", "the host could not be looked up"],
  ["EHOSTUNREACH", "the host cannot be reached"],
  ["ENETUNREACH", "the network cannot be reached"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting took too long"],
  ["UND_ERR_INVALID_ARG", "the address is not one that can be asked"],
]);

/** The one way out: whatever asks to be sent, by whatever mistake, goes to no host that is not named. */
export function createSend(mayAsk: MayAsk = namedBy(realOrigins)): Send {
  const dispatcher = new Agent({
    connect: { timeout: 5_000 },
    // Everybody speaks HTTP/1.1, and a function's few requests gain nothing by more: its bundle leaves out HTTP/2.
    allowH2: false,
    maxResponseSize: textAtMostBytes,
  });
  return async ({ method, url: address, headers = {}, body, timeoutMs }) => {
    // Judged and asked is the same parsed URL: two readers may see two hosts in one text.
    const url = URL.parse(address);
    if (url === null) return { kind: "unsent", reason: "the address is not a URL" };
    if (!mayAsk(url)) return { kind: "unsent", reason: "the configuration does not name its host" };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await request(url, {
        method,
        headers,
        body: body ?? null,
        dispatcher,
        signal,
      });
      // What the status says holds, also where the body breaks off.
      const text = await answer.body.text().catch(() => "");
      const header = (name: string) => {
        const value = answer.headers[name];
        return (Array.isArray(value) ? value[0] : value) ?? null;
      };
      return { kind: "answered", status: answer.statusCode, header, text };
    } catch (error) {
      return explain(error);
    }
  };
}

function explain(error: unknown): Answer {
  const code = error instanceof Error && "code" in error ? String(error.code ?? "") : "";
  const unsent = unsentCodes.get(code);
  if (unsent !== undefined) return { kind: "unsent", reason: unsent };
  if (/^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    return {
      kind: "unsent",
      reason: `the host's certificate was not accepted (${code})`,
    };
  }
  const isTimeout = error instanceof Error && error.name === "TimeoutError";
  return {
    kind: "unanswered",
    reason: isTimeout ? "no answer in time" : `the connection broke (${code || "no code"})`,
  };
}
