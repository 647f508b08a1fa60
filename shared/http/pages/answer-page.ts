// Answers with a page. Errors are a page for browsers and a problem document for programs.
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { problem } from "../problem.ts";
import { layout, type Page, type Viewer } from "./layout.ts";
import { messagePage } from "./message-page.ts";

export async function answerPage(
  c: Context,
  page: Page,
  viewer: Viewer | null,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  // The browser may keep the page, but has to ask each time whether it has changed.
  c.header("cache-control", "private, no-cache");
  c.header("vary", "Cookie, Accept");
  return c.html(await layout(page, viewer), status);
}

const titles = new Map<number, string>([
  [400, "Invalid request"],
  [403, "Request from another site"],
  [404, "Not found"],
  [409, "Not possible now"],
  [500, "Something went wrong"],
  [503, "The store cannot be reached"],
]);

export async function answerMessage(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  if (!/\btext\/html\b/.test(c.req.header("accept") ?? "")) return problem(c, status, detail, headers);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  const page = messagePage(titles.get(status) ?? "Error", detail);
  return answerPage(c, page, null, status);
}
