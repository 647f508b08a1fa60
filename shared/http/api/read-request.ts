// Reads what a request asks for, by its schema, or answers what is wrong with it: everywhere in the same form.
import type { Context } from "hono";
import { type $ZodType, type output, safeParse } from "zod/v4/core";
import { describeIssue, problemsOf, showProblems } from "../../validation/expectation.ts";
import { problem } from "../problem.ts";
import { readJson } from "../read-body.ts";

const parsing = { error: describeIssue, reportInput: true };

/** An empty body stands for an empty map. */
export async function readRequestBody<T extends $ZodType>(
  c: Context,
  schema: T,
  maxKiB: number,
): Promise<output<T> | Response> {
  const body = await readJson(c.req.raw, maxKiB * 1024);
  const max = maxKiB < 1024 ? `${maxKiB} KiB` : `${maxKiB / 1024} MiB`;
  if (body.kind === "tooLarge") return problem(c, 413, `expected a body of at most ${max}`);
  if (body.kind === "invalid") return problem(c, 400, body.reason);
  return readRequest(c, schema, body.kind === "empty" ? {} : body.value);
}

export function readQuery<T extends $ZodType>(c: Context, schema: T): output<T> | Response {
  return readRequest(c, schema, c.req.query());
}

function readRequest<T extends $ZodType>(c: Context, schema: T, value: unknown): output<T> | Response {
  const found = safeParse(schema, value, parsing);
  return found.success ? found.data : problem(c, 400, showProblems(problemsOf(found.error)));
}
