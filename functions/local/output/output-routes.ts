// The routes that follow the output of a step, for programs with the API token and for people who are signed in.
import type { Context, Hono, Next } from "hono";
import { localLimitOfTrigger } from "../../../shared/builders/builders.ts";
import type { LocalRoutes } from "../../../shared/http/app.ts";
import { problem } from "../../../shared/http/problem.ts";
import { findStep } from "../../../shared/pipeline/pipeline.ts";
import type { Relay } from "../../../shared/relay/relay.ts";
import type { Run } from "../../../shared/run/state.ts";
import { type EventStreams, readEventId } from "./event-stream.ts";
import { followStep, type OutputEvent, type OutputSource, type Position } from "./step-output.ts";

export function createOutputRoutes(relay: Relay, commands: OutputSource, streams: EventStreams): LocalRoutes {
  const answer = async (c: Context, next: Next): Promise<Response | undefined> => {
    const { run: id = "", step = "" } = c.req.param();
    const run = wantsEvents(c) ? await relay.store.findRun(id) : null;
    // The route that is registered next answers, also that there is no such run.
    if (run === null || !(await hasOutput(relay, commands, run, step))) {
      await next();
      return undefined;
    }
    return answerEvents(c, streams, (after, tailBytes, signal) =>
      followStep(relay, commands, { runId: run.id, step, after, tailBytes, signal }),
    );
  };
  return {
    api: (api: Hono) => void api.get("/runs/:run/steps/:step/output", answer),
    pages: (pages, admitted) => void pages.get("/runs/:run/steps/:step/output", admitted, answer),
  };
}

/** A step of a command has output, or will have some. */
async function hasOutput(relay: Relay, commands: OutputSource, run: Run, name: string): Promise<boolean> {
  if (!run.steps.some((stepRun) => stepRun.name === name)) return false;
  if ((await commands.lastAttempt(run.id, name)) !== null) return true;
  const pipeline = relay.pipelines.get(run.pipeline);
  const step = pipeline === undefined ? undefined : findStep(pipeline, name);
  return step !== undefined && localLimitOfTrigger(step.trigger) !== null;
}

export function wantsEvents(c: Context): boolean {
  return /\btext\/event-stream\b/.test(c.req.header("accept") ?? "");
}

type Events = (
  after: Position | null,
  tailBytes: number | null,
  signal: AbortSignal,
) => AsyncGenerator<OutputEvent, void>;

const maxTailBytes = 1024 * 1024;

/** `?tail=N` begins with the last N bytes instead of the first. */
export function answerEvents(c: Context, streams: EventStreams, events: Events): Response {
  const after = readEventId(c.req.header("last-event-id"));
  // Tells a browser not to connect again.
  if (after === "end") return c.body(null, 204);
  const tail = Number(c.req.query("tail") ?? "");
  const tailBytes = Number.isInteger(tail) && tail > 0 ? Math.min(tail, maxTailBytes) : null;
  // Nobody would read its stream to the end.
  if (c.req.method === "HEAD") return c.body(null, 200, eventHeaders);
  const stream = streams.open((signal) => events(after, tailBytes, signal));
  if (stream === null) {
    const detail =
      "too many outputs are followed at once; close some, or read the output without following it";
    return problem(c, 503, detail, { "retry-after": "5" });
  }
  return c.body(stream, 200, eventHeaders);
}

const eventHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx would hold the events back.
  "x-accel-buffering": "no",
};
