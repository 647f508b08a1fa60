// Answers with an error as a problem document (RFC 9457).
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

const titles = new Map<number, string>([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [409, "Conflict"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [421, "Misdirected Request"],
  [429, "Too Many Requests"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
]);

export function problem(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  return c.body(problemDocument(status, detail), status, { "content-type": problemType, ...headers });
}

export const problemType = "application/problem+json";

export function problemDocument(status: number, detail: string): string {
  return JSON.stringify({ type: "about:blank", title: titles.get(status) ?? "Error", status, detail });
}
