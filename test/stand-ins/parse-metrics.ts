// Reads Prometheus' text format with a parser that knows nothing of the code that wrote it.
import { createRequire } from "node:module";
import * as z from "zod";

const family = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(["COUNTER", "GAUGE", "HISTOGRAM"]),
  metrics: z.array(
    z.object({
      value: z.string().optional(),
      labels: z.record(z.string(), z.string()).default({}),
      buckets: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type Family = z.infer<typeof family>;

const parse: (text: string) => unknown = createRequire(import.meta.url)("parse-prometheus-text-format");

/** Throws if the text is not in the format. */
export function parseMetrics(text: string): Map<string, Family> {
  return new Map(
    z
      .array(family)
      .parse(parse(text))
      .map((one) => [one.name, one]),
  );
}
