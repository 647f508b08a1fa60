// Answers with a page, or, where something is not as it should be, with a page for people and a problem for programs.
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
  // Kept by the browser, and asked for each time: what has not changed is not sent again.
  c.header("cache-control", "private, no-cache");
  c.header("vary", "Cookie, Accept");
  return c.html(await layout(page, viewer), status);
}

const titles = new Map<number, string>([
  [400, "That cannot be read"],
  [403, "That came from another site"],
  [404, "There is nothing here"],
  [409, "That cannot be done now"],
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
