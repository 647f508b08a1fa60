// Sends requests to allowed hosts only, with time-outs and without following redirects. No reason contains a URL.
import { Agent, request } from "undici";
import { allowHosts, type MayConnect, realOrigins } from "./origins.ts";

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
  /** The request did not leave this machine. */
  | { kind: "unsent"; reason: string }
  /** The request may have arrived; its outcome is unknown. */
  | { kind: "unanswered"; reason: string };

export type Send = (outgoing: Outgoing) => Promise<Answer>;

/** Ten of SSM's largest secrets exceed 64 KiB. */
const maxTextBytes = 128 * 1024;

const keepAliveMs = 4_000;

/** Errors that occur before anything is sent. */
const unsentCodes = new Map([
  ["ECONNREFUSED", "the connection was refused"],
  ["ENOTFOUND", "the host was not found"],
  ["EAI_AGAIN", "the host could not be looked up"],
  ["EHOSTUNREACH", "the host is unreachable"],
  ["ENETUNREACH", "the network is unreachable"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting took too long"],
  ["UND_ERR_INVALID_ARG", "the address or a header is invalid"],
]);

/** All requests of the program go through here, so none can reach a host that is not allowed. */
export function createSend(mayConnect: MayConnect = allowHosts(realOrigins)): Send {
  const dispatcher = new Agent({
    connect: { timeout: 5_000 },
    // All these servers speak HTTP/1.1, and a Lambda function's few requests gain nothing from HTTP/2, which its bundle omits.
    allowH2: false,
    maxResponseSize: maxTextBytes,
    // A function is frozen between calls, and its servers do not know. A connection that they have closed meanwhile would
    // leave the outcome of a trigger unknown.
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
  });
  return async ({ method, url: address, headers = {}, body, timeoutMs }) => {
    // The checked URL is also the one that is used: two parsers may find different hosts in one text.
    const url = URL.parse(address);
    if (url === null) return { kind: "unsent", reason: "the address is not a URL" };
    if (!mayConnect(url)) return { kind: "unsent", reason: "the configuration does not name its host" };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await request(url, {
        method,
        headers,
        body: body ?? null,
        dispatcher,
        signal,
      });
      // The status counts even if the body is cut off.
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
