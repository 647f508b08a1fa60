import { expect, test } from "vitest";
import { createCounter, createHistogram } from "../../../shared/metrics/counter.ts";
import { writeMetrics } from "../../../shared/metrics/exposition.ts";
import { parseMetrics } from "../../stand-ins/parse-metrics.ts";

test("a label keeps its text, whatever characters it has, and no text can start a line", () => {
  const counter = createCounter("tagrelay_test_total", "A test with a \\ in it.");
  const texts = ['a"b', "a\\b", "a\nb", "a\\nb", "é€😀", "", 'x"} 1\nevil_total 1'];
  for (const text of texts) counter.add({ text });
  const families = parseMetrics(writeMetrics([counter.read()]));
  expect([...families.keys()]).toEqual(["tagrelay_test_total"]);
  expect(families.get("tagrelay_test_total")?.metrics).toHaveLength(texts.length);
});

test("a histogram counts each value in every bucket that it fits into", () => {
  const histogram = createHistogram("tagrelay_test_seconds", "A test.", [1, 10]);
  for (const value of [0.5, 1, 5, 50]) histogram.observe({ pipeline: "p" }, value);
  const text = writeMetrics([histogram.read()]);
  const [metric] = parseMetrics(text).get("tagrelay_test_seconds")?.metrics ?? [];
  expect(metric?.buckets).toEqual({ 1: "2", 10: "3", "+Inf": "4" });
  // The parser forgets these two where there are labels.
  expect(text).toContain('tagrelay_test_seconds_sum{pipeline="p"} 56.5\n');
  expect(text).toContain('tagrelay_test_seconds_count{pipeline="p"} 4\n');
});

test("there are never more than 2,001 series: what exceeds them is counted together", () => {
  const counter = createCounter("tagrelay_test_total", "A test.");
  for (let n = 0; n < 5_000; n += 1) counter.add({ n: String(n) });
  const { samples } = counter.read();
  expect(samples).toHaveLength(2_001);
  expect(samples.at(-1)).toEqual({ labels: { overflow: "true" }, value: 3_000 });
});

test("a metric without samples is left out", () => {
  expect(writeMetrics([createCounter("tagrelay_test_total", "A test.").read()])).toBe("");
});
