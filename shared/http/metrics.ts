// GET /metrics: what Prometheus collects.
import type { Context } from "hono";
import { expositionType, type Metric, writeMetrics } from "../metrics/exposition.ts";
import { stateMetrics } from "../metrics/state-metrics.ts";
import type { MetricsAccess } from "../pipeline/pipeline.ts";
import type { Relay } from "../relay/relay.ts";
import { emptyState } from "../run/state.ts";
import { hasApiToken, refuseWithoutApiToken } from "./api-token.ts";

export type MetricsOptions = {
  access: MetricsAccess;
  /** What the process has counted; nothing on Lambda. */
  readProcessMetrics: () => readonly Metric[];
};

export const defaultMetrics: MetricsOptions = { access: "token", readProcessMetrics: () => [] };

export function createMetricsRoute(
  relay: Relay,
  readToken: () => Promise<string>,
  { access, readProcessMetrics }: MetricsOptions,
) {
  return async (c: Context): Promise<Response> => {
    if (access !== "public" && !(await hasApiToken(c, readToken))) {
      return refuseWithoutApiToken(c, ", or `metrics: public`");
    }
    const states = await relay.store.loadMany([...relay.pipelines.keys()]);
    const entries = [...relay.pipelines.values()].map((pipeline) => ({
      pipeline,
      state: states.get(pipeline.name) ?? emptyState,
    }));
    const text = writeMetrics([...stateMetrics(entries, relay.clock()), ...readProcessMetrics()]);
    return c.body(text, 200, { "content-type": expositionType, "cache-control": "no-store" });
  };
}
