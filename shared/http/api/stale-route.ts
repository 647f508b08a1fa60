// GET /api/stale: whether the images of all pipelines stand on what their bases are now.
import type { Hono } from "hono";
import { lookAtFreshness, viewFreshness } from "../../evidence/freshness.ts";
import { imageName } from "../../image/image.ts";
import type { Relay } from "../../relay/relay.ts";
import { imagesToCheck } from "../../run/images-to-check.ts";
import { pipelineOfRun } from "../../run/run-parameters.ts";
import { emptyState } from "../../run/state.ts";
import { didYouMean } from "../../validation/did-you-mean.ts";
import { problem } from "../problem.ts";
import type { StaleImageAnswer } from "./answers.ts";

/** API Gateway waits for 29 seconds, and requests that were sent by then have ten of their own. */
const maxLookMs = 18_000;

export function addStaleRoute(api: Hono, relay: Relay): void {
  api.get("/stale", async (c) => {
    const name = c.req.query("pipeline");
    const all = [...relay.pipelines.values()];
    const pipelines = name === undefined ? all : all.filter((pipeline) => pipeline.name === name);
    if (pipelines.length === 0) {
      return problem(
        c,
        404,
        `no pipeline has this name${didYouMean(name ?? "", [...relay.pipelines.keys()])}`,
      );
    }
    const states = await relay.store.loadMany(pipelines.map((pipeline) => pipeline.name));
    const checked = pipelines.flatMap((pipeline) => {
      const { run, completions } = states.get(pipeline.name) ?? emptyState;
      return imagesToCheck(pipelineOfRun(pipeline, run), completions);
    });
    const { readContent, proofs, clock } = relay;
    const endsAt = clock() + maxLookMs;
    const found = await lookAtFreshness(readContent, proofs, checked, () => clock() > endsAt);
    const images = found.map(
      ({ pipeline, step, image, ...freshness }): StaleImageAnswer => ({
        image: imageName(image),
        pipeline,
        step,
        ...viewFreshness(freshness),
      }),
    );
    return c.json({ images });
  });
}
