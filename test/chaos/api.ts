// Calls the program's API and validates every answer. A program that is down is not an error.
import * as z from "zod";
import { apiToken } from "../stand-ins/program.ts";

const step = z.object({
  name: z.string(),
  image: z.string(),
  state: z.string(),
  attempts: z.int(),
  triggeredAt: z.iso.datetime().optional(),
  failedAt: z.iso.datetime().optional(),
  reason: z.string().optional(),
});
const run = z.object({
  id: z.string(),
  pipeline: z.string(),
  status: z.enum(["running", "succeeded", "failed", "cancelled"]),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  steps: z.array(step),
});
const pipelines = z.object({ pipelines: z.array(z.object({ name: z.string(), run: run.nullable() })) });
const runs = z.object({ runs: z.array(run), next: z.string().optional() });

export type RunView = z.infer<typeof run>;
export type StepView = z.infer<typeof step>;

export async function listLatestRuns(origin: string): Promise<Map<string, RunView | null> | null> {
  const body = await ask(origin, "GET", "/pipelines", [200]);
  if (body === null) return null;
  return new Map(pipelines.parse(body.json).pipelines.map(({ name, run }) => [name, run]));
}

/** All runs of a pipeline, oldest first. */
export async function listRuns(origin: string, pipeline: string): Promise<RunView[]> {
  const all: RunView[] = [];
  let from = "";
  do {
    const body = await ask(origin, "GET", `/pipelines/${pipeline}/runs?limit=100${from}`, [200]);
    if (body === null) throw new Error("expected a list of runs, found the program down");
    const page = runs.parse(body.json);
    all.push(...page.runs);
    from = page.next === undefined ? "" : `&next=${encodeURIComponent(page.next)}`;
  } while (from !== "");
  return all.toReversed();
}

/** The new run; null if a run is active or no answer came. */
export async function startRun(origin: string, pipeline: string): Promise<RunView | null> {
  const body = await ask(origin, "POST", `/pipelines/${pipeline}/runs`, [201, 409, 503]);
  return body?.status === 201 ? run.parse(body.json) : null;
}

/** Null if the program went down before it answered. */
async function ask(origin: string, method: "GET" | "POST", path: string, statuses: readonly number[]) {
  const answer = await fetch(`${origin}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${apiToken}` },
    signal: AbortSignal.timeout(20_000),
  })
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch(() => null);
  if (answer === null) return null;
  if (!statuses.includes(answer.status)) {
    throw new Error(
      `expected ${statuses.join(" or ")} for ${method} /api${path}, found ${answer.status}: ${answer.text}`,
    );
  }
  const json: unknown = JSON.parse(answer.text);
  return { status: answer.status, json };
}
