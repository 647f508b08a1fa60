// Counters and histograms of one process. Their number is bounded: labels come from the configuration and from code, and
// what exceeds the bound is counted together.
import type { Labels, Metric, Sample } from "./exposition.ts";

const maxSeries = 2_000;
const others: Labels = { overflow: "true" };

export type Counter = { add: (labels: Labels) => void; read: () => Metric };

export function createCounter(name: string, help: string): Counter {
  const counts = new Map<string, { labels: Labels; value: number }>();
  return {
    add: (labels) => {
      seriesOf(counts, labels, (own) => ({ labels: own, value: 0 })).value += 1;
    },
    read: () => ({ name, help, type: "counter", samples: [...counts.values()] }),
  };
}

export type Histogram = { observe: (labels: Labels, value: number) => void; read: () => Metric };

export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const all = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
  return {
    observe: (labels, value) => {
      const series = seriesOf(all, labels, (own) => ({
        labels: own,
        counts: bounds.map(() => 0),
        sum: 0,
        count: 0,
      }));
      series.sum += value;
      series.count += 1;
      series.counts = series.counts.map((count, index) => count + (value <= (bounds[index] ?? 0) ? 1 : 0));
    },
    read: () => ({
      name,
      help,
      type: "histogram",
      samples: [...all.values()].flatMap(({ labels, counts, sum, count }): Sample[] => [
        ...counts.map((value, index) => ({
          suffix: "_bucket",
          value,
          labels: { ...labels, le: String(bounds[index]) },
        })),
        { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
        { suffix: "_sum", labels, value: sum },
        { suffix: "_count", labels, value: count },
      ]),
    }),
  };
}

function seriesOf<Series>(
  all: Map<string, Series>,
  labels: Labels,
  create: (labels: Labels) => Series,
): Series {
  const key = JSON.stringify(labels);
  const isFull = all.size >= maxSeries && !all.has(key);
  const own = isFull ? others : labels;
  const ownKey = isFull ? JSON.stringify(others) : key;
  const found = all.get(ownKey) ?? create(own);
  all.set(ownKey, found);
  return found;
}
