// The routes under /api/runs: show a run and the output of its commands, cancel and retry it, approve its gates.
import type { Context, Hono } from "hono";
import { approveGate, type Changed, changeRun } from "../../relay/change-run.ts";
import type { Relay } from "../../relay/relay.ts";
import { rollBack } from "../../relay/roll-back.ts";
import { problem } from "../problem.ts";
import type { RollbackAnswer } from "./answers.ts";
import { viewRun, viewRunWithLog } from "./views.ts";

export function addRunRoutes(api: Hono, relay: Relay): void {
  api.get("/runs/:run", async (c) => {
    const run = await relay.store.findRun(c.req.param("run"));
    return run === null ? unknownRun(c) : c.json(viewRunWithLog(run));
  });

  api.get("/runs/:run/steps/:step/output", async (c) => {
    const run = await relay.store.findRun(c.req.param("run"));
    if (run === null) return unknownRun(c);
    const output = await relay.builderContext.commands?.readOutput(run.id, c.req.param("step"), null);
    if (output != null) return c.text(output);
    return problem(
      c,
      404,
      "no output; only a step that runs a command has output, on the machine that runs it",
    );
  });

  api.post("/runs/:run/rollback", async (c) => {
    const rolledBack = await rollBack(relay, c.req.param("run"));
    if (rolledBack === null) return unknownRun(c);
    if (rolledBack.kind === "refused") return problem(c, 409, rolledBack.reason);
    const { steps } = rolledBack;
    return c.json({ steps } satisfies RollbackAnswer);
  });
  api.post("/runs/:run/steps/:step/approve", async (c) => {
    const { run, step } = c.req.param();
    return answerChanged(c, await approveGate(relay, run, step));
  });
  api.post("/runs/:run/cancel", (c) => answerChange(c, relay, "cancel"));
  api.post("/runs/:run/retry", (c) => answerChange(c, relay, "retry"));
}

async function answerChange(c: Context, relay: Relay, change: "cancel" | "retry"): Promise<Response> {
  return answerChanged(c, await changeRun(relay, c.req.param("run") ?? "", change));
}

function answerChanged(c: Context, changed: Changed | null): Response {
  if (changed === null) return unknownRun(c);
  return changed.kind === "refused" ? problem(c, 409, changed.reason) : c.json(viewRun(changed.run));
}

function unknownRun(c: Context): Response {
  return problem(c, 404, "no run has this id");
}
