import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { importConfigPy } from "../../../../functions/cli/import/config-py.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { root } from "../../../stand-ins/program.ts";

const source = readFileSync(join(root, "test/fixtures/import/config.py"), "utf8");
const documentOf = (text: string) => parse(yamlText(importConfigPy(text), "a test")).pipelines;
const notesOf = (text: string) => importConfigPy(text).notes.map((note) => note.text);
const scheduled = (scheduling: string) =>
  source.replace(/triggerScheduling = \{[^}]*\}/, `triggerScheduling = ${scheduling}`);

describe("config.py", () => {
  test("becomes the same chain, with the same environment variable", () => {
    expect(documentOf(source)).toEqual({
      "void-docker": {
        image: "maddouri/void-docker",
        schedule: { cron: "0 0 * * *" },
        trigger: { dockerhub: { secret: "DOCKERHUB_TRIGGER_TOKEN" } },
        delay: "100s",
        sequence: ["init", "step-1", "step-2", "step-3", "latest"],
      },
    });
  });

  test("can have Windows line ends", () => {
    expect(documentOf(source.replaceAll("\n", "\r\n"))).toEqual(documentOf(source));
  });

  test("is imported without its token, and a note says where to put that", () => {
    const token = "01234567-89ab-cdef-0123-456789abcdef";
    const text = source.replace("getenv('DOCKERHUB_TRIGGER_TOKEN', 'null')", `'${token}'`);
    const imported = importConfigPy(text);
    expect(JSON.stringify(imported) + yamlText(imported, "a test")).not.toContain(token);
    expect(documentOf(text)["void-docker"].trigger).toEqual({
      dockerhub: { secret: "MADDOURI_VOID_DOCKER_TRIGGER" },
    });
    expect(notesOf(text)).toContain(
      "the triggerToken of config.py was not copied; set MADDOURI_VOID_DOCKER_TRIGGER in the environment to it (or to Docker Hub's trigger URL)",
    );
    const fallback = source.replace("'null'", `'${token}'`);
    expect(JSON.stringify(importConfigPy(fallback))).not.toContain(token);
  });

  test.each([
    "{'trigger': 'cron', 'hour': 3, 'jitter': 600}",
    "{'trigger': 'interval', 'hours': 6, 'jitter': 600}",
  ])("loses the jitter of %s, with a note, and not the schedule", (scheduling) => {
    const without = scheduling.replace(", 'jitter': 600", "");
    expect(documentOf(scheduled(scheduling))).toEqual(documentOf(scheduled(without)));
    expect(notesOf(scheduled(scheduling)).join()).toMatch(/the jitter of triggerScheduling was not imported/);
  });

  test.each([
    ["{'trigger': 'cron', 'day_of_week': '0-4', 'hour': 15, 'minute': 36}", { cron: "36 15 * * 1,2,3,4,5" }],
    ["{'trigger': 'cron', 'day_of_week': 'sat,sun'}", { cron: "0 0 * * 0,6" }],
    ["{'trigger': 'cron', 'hour': '*/6'}", { cron: "0 */6 * * *" }],
    ["{'trigger': 'cron', 'minute': 5}", { cron: "5 * * * *" }],
    [
      "dict(trigger='cron', month='1-6', day=1, timezone='Europe/Paris')",
      { cron: "0 0 1 1-6 *", timezone: "Europe/Paris" },
    ],
    ["{'trigger': 'interval', 'hours': 6}", { every: "6h" }],
    ["{'trigger': 'interval', 'weeks': 1, 'minutes': 30}", { every: "7d30m" }],
    ["{'trigger': 'date', 'run_date': '2030-12-24 03:00:00'}", { at: "2030-12-24T03:00:00" }],
  ])("converts the schedule %s", (scheduling, schedule) => {
    expect(documentOf(scheduled(scheduling))["void-docker"].schedule).toEqual(schedule);
  });

  test.each([
    ["{'trigger': 'cron', 'day': 1, 'day_of_week': 'mon'}", "the day of the week to match, and cron either"],
    ["{'trigger': 'cron', 'week': 1}", "cron has no field for week"],
    ["{'trigger': 'cron', 'day': 'last'}", "cron has no equivalent of its fields"],
    ["{'trigger': 'interval'}", "its interval is not a whole number"],
    ["{'trigger': IntervalTrigger(hours=1)}", "it is not a dict of plain values"],
    ["{'trigger': 'cron', 'hour': getenv('HOUR')}", 'its "hour" is not a plain value'],
    ["CronTrigger(hour=1)", "it is not a dict of plain values"],
  ])("becomes a pipeline without a schedule, with a note, for %s", (scheduling, why) => {
    expect(documentOf(scheduled(scheduling))["void-docker"].schedule).toBeUndefined();
    expect(notesOf(scheduled(scheduling)).join("\n")).toContain(why);
  });

  test("can use all of Python's notations for the same values", () => {
    const text = `userName: str = 'no'
userName = "mad" "douri"  # a comment
repoName = r'''void-docker'''; tagSequence = ("a", 'b',
  'c')
propagationDelay = 60 * 2
`;
    expect(documentOf(text.replace(/^.*\n/, ""))["void-docker"]).toMatchObject({
      image: "maddouri/void-docker",
      delay: "120s",
      sequence: ["a", "b", "c"],
    });
  });

  test.each([
    ["an empty file", "", "expected userName = '…' in config.py, found none"],
    [
      "a computed name",
      "userName = f()\n",
      "expected userName = '…' in config.py, found something other than text",
    ],
    [
      "no tags",
      "userName = 'a'\nrepoName = 'b'\n",
      "expected tagSequence = ['…', '…'] in config.py, found none",
    ],
    [
      "computed tags",
      "userName = 'a'\nrepoName = 'b'\ntagSequence = [t for t in x]\n",
      "found something other than a list",
    ],
    ["a tag twice", "userName = 'a'\nrepoName = 'b'\ntagSequence = ['x', 'x']\n", 'found "x" twice'],
    [
      "an invalid name",
      "userName = '__proto__'\nrepoName = 'b'\ntagSequence = ['x']\n",
      "expected a repository",
    ],
    ["1 MB of brackets", `userName = ${"[".repeat(1 << 20)}`, "expected userName"],
    ["1 MB of an unterminated string", `userName = '${"x".repeat(1 << 20)}`, "expected userName"],
    ["1 MB of unterminated strings", `userName = ${'"""x'.repeat(1 << 18)}`, "expected userName"],
  ])("is refused with a hint for %s", (_name, text, message) => {
    expect(() => importConfigPy(text)).toThrow(message);
  });
});
