// Writes metrics in Prometheus' text format, version 0.0.4.

export type Labels = Readonly<Record<string, string>>;
/** `suffix` is that of a histogram's parts, such as `_bucket`. */
export type Sample = { suffix?: string; labels: Labels; value: number };
export type Metric = {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: readonly Sample[];
};

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** A metric without samples is left out. */
export function writeMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll("\\", "\\\\")}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(
          (sample) => `${name}${sample.suffix ?? ""}${labelsText(sample.labels)} ${sample.value}`,
        ),
        "",
      ].join("\n"),
    )
    .join("");
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeValue(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
