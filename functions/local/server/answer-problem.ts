// Answers a request with a problem document without passing it to the app.
import type { ServerResponse } from "node:http";
import { problemDocument, problemType } from "../../../shared/http/problem.ts";

export function answerProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": problemType, ...headers })
    .end(problemDocument(status, detail));
}
