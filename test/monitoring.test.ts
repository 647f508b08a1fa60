// Checks docs/monitoring.md and examples/monitoring/ against the code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { readSources } from "./rooms/rooms.ts";
import { root } from "./stand-ins/program.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const page = read("docs/monitoring.md");
const [, logSection = ""] = page.split("## The log");
const sources = [...readSources(root)].filter(([path]) => !path.includes("/cli/"));
const code = sources.map(([, text]) => text).join("\n");

const metricNames = new Set(
  [
    ...sources
      .filter(([path]) => path.startsWith("shared/metrics/"))
      .map(([, text]) => text)
      .join("\n")
      .matchAll(/"(tagrelay_\w+)"/g),
  ].map(([, name = ""]) => name),
);
const documented = new Set([...page.matchAll(/`(tagrelay_\w+)`/g)].map(([, name = ""]) => name));

test("every metric is documented, and no other", () => {
  expect(metricNames.size).toBeGreaterThan(20);
  expect([...documented].toSorted()).toEqual([...metricNames].toSorted());
});

test("the dashboard and the alerts use only metrics that exist", () => {
  const dashboard = z
    .object({
      panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
    })
    .parse(JSON.parse(read("examples/monitoring/grafana-dashboard.json")));
  const alerts = z
    .object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) })
    .parse(parse(read("examples/monitoring/alerts.yml")));
  const expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets),
    ...alerts.groups.flatMap(({ rules }) => rules),
  ].map(({ expr }) => expr);
  const used = expressions.flatMap((expr) => expr.match(/tagrelay_\w+/g) ?? []);
  expect(used.length).toBeGreaterThan(15);
  for (const name of used) expect(metricNames).toContain(name.replace(/_(?:bucket|sum|count)$/, ""));
});

test("every event of the log is documented, and no other", () => {
  const states = ["waiting", "due", "triggering", "building", "done", "failed", "fresh", "skipped"];
  const statuses = ["succeeded", "failed", "cancelled"];
  const events = [
    ...[...code.matchAll(/event: "([\w.]+)"|"(tag\.\w+)"/g)].map(([, event, other = ""]) => event ?? other),
    ...[
      ...code.matchAll(/(?:logFailures\(log,|tryTo\(|, )\s*"([a-z]+\.(?:failed|verified|lookedAt|un\w+))"/g),
    ].map(([, event = ""]) => event),
    ...states.map((state) => `step.${state}`),
    ...statuses.map((status) => `run.${status}`),
  ];
  const told = [...logSection.matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([\w.]+)`/g)].map(([, event = ""]) => event),
  );
  expect([...new Set(told)].toSorted()).toEqual([...new Set(events)].toSorted());
});

/** The fields of each event, by the table. */
const fields = new Map(
  [...logSection.matchAll(/^\| (`[^|]+`) \| ([^|]*) \|/gm)].flatMap(([, events = "", names = ""]) =>
    [...events.matchAll(/`([\w.]+)`/g)].map(([, event = ""]): [string, string[]] => [
      event,
      [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    ]),
  ),
);

test("where the code writes an event as a literal, its fields are documented", () => {
  let checked = 0;
  for (const [, event = "", rest = ""] of code.matchAll(
    /\{ event: "([\w.]+)"((?:, \w+(?:: [\w.]+)?)*) \}/g,
  )) {
    for (const [, name = ""] of rest.matchAll(/, (\w+)/g)) {
      expect(fields.get(event), `${event} has the field ${name}`).toContain(name);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(15);
});

test("the folder has only what is described", () => {
  expect(readdirSync(join(root, "examples/monitoring")).toSorted()).toEqual([
    "alerts.yml",
    "grafana-dashboard.json",
    "prometheus.yml",
  ]);
});
