import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { importCrontab } from "../../../../functions/cli/import/crontab.ts";
import { yamlText } from "../../../../functions/cli/import/yaml-text.ts";
import { compileConfig } from "../../../../shared/config/compile.ts";
import { root } from "../../../stand-ins/program.ts";

const options = { namespace: null, tag: null };
const documentOf = (text: string) => {
  const document = parse(yamlText(importCrontab(text, options), "a test"));
  compileConfig(document);
  return document.pipelines;
};
const notesOf = (text: string) => importCrontab(text, options).notes.map((note) => note.text);
const token = "01234567-89ab-cdef-0123-456789abcdef";
const legacy = `https://registry.hub.docker.com/u/acme/web/trigger/${token}/`;
const secret = "ACME_WEB_TRIGGER";

describe("a crontab", () => {
  const fixture = readFileSync(join(root, "test/fixtures/import/crontab"), "utf8");

  test("becomes a pipeline for each line, with its schedule", () => {
    expect(documentOf(fixture)).toEqual({
      "tvh.ubuntu.build.deps": {
        schedule: { cron: "17 2 * * *" },
        trigger: { dockerhub: { secret: "DREAMCAT4_TVH_UBUNTU_BUILD_DEPS_TRIGGER", all: true } },
        sequence: ["dreamcat4/tvh.ubuntu.build.deps:latest"],
      },
      dpi: {
        schedule: { cron: "17 3 * * *" },
        trigger: { dockerhub: { secret: "DREAMCAT4_DPI_TRIGGER", all: true } },
        sequence: ["dreamcat4/dpi:latest"],
      },
      web: {
        schedule: { cron: "30 4 * * 1" },
        trigger: { dockerhub: { secret } },
        sequence: ["acme/web:nightly"],
      },
    });
  });

  test("is imported without an order; lines that seem to wait by the clock get a note with the sequence", () => {
    const notes = notesOf(fixture).filter((text) => text.includes("minutes before"));
    expect(notes).toEqual([
      "line 3 starts tvh.ubuntu.build.deps 60 minutes before line 4; if dpi is built from it, make them one pipeline that waits for the build and not for the clock: sequence: [dreamcat4/tvh.ubuntu.build.deps:latest, dreamcat4/dpi:latest]",
    ]);
    expect(notesOf("0 1 * * 1 dh-trigger a x\n0 2 * * 2 dh-trigger a y").join()).not.toContain(
      "minutes before",
    );
  });

  test.each([
    [`curl -X POST ${legacy}`, "latest", { secret, all: true }],
    [`curl -d '{"build": true}' ${legacy}`, "latest", { secret, all: true }],
    [`curl -d build=true ${legacy}`, "latest", { secret, all: true }],
    [`curl --data='{"docker_tag":"v1"}' '${legacy}' >/dev/null 2>&1`, "v1", { secret }],
    [`/usr/bin/curl -d"{\\"docker_tag\\": \\"v1\\"}" ${legacy}`, "v1", { secret }],
    [`curl -d docker_tag=v1 ${legacy} | logger`, "v1", { secret }],
    [`wget -O - --post-data='{"docker_tag_name":"v1"}' ${legacy}`, "v1", { secret }],
    [`curl -d '{"source_type":"Branch","source_name":"dev"}' ${legacy}`, "latest", { secret, branch: "dev" }],
    ["dh-trigger all acme/web", "latest", { secret, all: true }],
    ["$HOME/bin/dh-trigger tag acme/web v1", "v1", { secret }],
    ["dh-trigger git-branch acme/web dev", "latest", { secret, branch: "dev" }],
    ["dh-trigger git-tag acme/web v1", "latest", { secret, tag: "v1" }],
    ["root cd /tmp && dh-trigger acme web", "latest", { secret, all: true }],
  ])("is imported with the build that is started by %s", (command, tag, dockerhub) => {
    expect(documentOf(`0 3 * * * ${command}\n`)).toEqual({
      web: { schedule: { cron: "0 3 * * *" }, trigger: { dockerhub }, sequence: [`acme/web:${tag}`] },
    });
  });

  test("keeps CRON_TZ, and its settings are expanded in its commands", () => {
    const text = `CRON_TZ=Europe/Paris\nREPO="acme/web"\r\nTOKEN=${token}\n@daily dh-trigger tag $REPO v1\n`;
    expect(documentOf(text).web.schedule).toEqual({ cron: "0 0 * * *", timezone: "Europe/Paris" });
    expect(notesOf(text).join()).not.toContain("time zone of its machine");
  });

  test("with several builds in a line becomes one pipeline, in the order of the line", () => {
    const text = "0 3 * * * dh-trigger tag acme/web a; sleep 600; dh-trigger tag acme/web b";
    expect(documentOf(text).web).toMatchObject({ image: "acme/web", sequence: ["a", "b"] });
  });

  test("names a repository that is not in the URL in the comment above", () => {
    const line = `0 3 * * * curl -X POST https://hub.docker.com/api/build/v1/source/${token}/trigger/${token}/call/`;
    expect(() => documentOf(line)).toThrow(
      "line 1 was not imported: its trigger URL does not contain the repository",
    );
    expect(documentOf(`# acme/web\n${line}`).web.sequence).toEqual(["acme/web:latest"]);
  });

  const guard = (offset: string, zone = "") =>
    `[ "$(${zone}date +\\%z)" = "${offset}" ] && dh-trigger acme web`;
  const only = (text: string) => {
    const found = documentOf(text);
    expect(Object.keys(found)).toEqual(["web"]);
    return found.web.schedule;
  };
  test.each([
    // cron runs by the clock that the condition looks at: 03:17 UTC in winter and in summer.
    [`17 3 * * * ${guard("+0000")}\n17 4 * * * ${guard("+0100")}`, { cron: "17 3 * * *", timezone: "UTC" }],
    [`17 23 * * * ${guard("-0500")}\n17 0 * * * ${guard("-0400")}`, { cron: "17 4 * * *", timezone: "UTC" }],
    // cron runs in UTC: 03:17 by the clock of London.
    [
      `17 3 * * * ${guard("+0000")}\n17 2 * * * ${guard("+0100")}`,
      { cron: "17 3 * * *", timezone: "Europe/London" },
    ],
    [
      `0 9 * * 1 ${guard("+0100", "TZ=Europe/Oslo ")}\n0 8 * * 1 ${guard("+0200", "TZ=Europe/Oslo ")}`,
      { cron: "0 10 * * 1", timezone: "Europe/Oslo" },
    ],
    [
      `CRON_TZ=Europe/Rome\n5 3 * * * ${guard("+0100")}\n5 3 * * * ${guard("+0200")}`,
      { cron: "5 3 * * *", timezone: "Europe/Rome" },
    ],
    [
      `17 3 * * * test $(date +%z) == +0000 && dh-trigger acme web\n17 4 * * * [[ "$(date '+%z')" == '+0100' ]] && dh-trigger acme web`,
      { cron: "17 3 * * *", timezone: "UTC" },
    ],
  ])("has one schedule for a pair of lines for summer and winter: %j", (text, schedule) => {
    expect(only(text)).toEqual(schedule);
    expect(notesOf(text).join()).toMatch(
      /lines \d and \d are one schedule, before and after the clocks change/,
    );
  });

  test.each([
    ["one of them is missing", `17 3 * * * ${guard("+0000")}`, 1],
    ["their times do not fit", `17 3 * * * ${guard("+0000")}\n17 9 * * * ${guard("+0100")}`, 2],
    ["their days do not fit", `17 3 * * 1 ${guard("+0000")}\n17 4 * * 2 ${guard("+0100")}`, 2],
    ["they would start a day earlier", `17 0 * * 1 ${guard("+0100")}\n17 1 * * 1 ${guard("+0200")}`, 2],
    ["they build other things", `17 3 * * * ${guard("+0000")}\n17 4 * * * ${guard("+0100")}s`, 2],
  ])("loses the condition of such a line, with a note, if %s", (_why, text, count) => {
    expect(Object.keys(documentOf(text))).toHaveLength(count);
    expect(notesOf(text)).toContain(
      "line 1 runs only while the clock has one offset from UTC; here it always runs",
    );
  });

  test("waits for the tags that are named, where a line builds all of them", () => {
    const line = "17 3 * * * dh-trigger acme web";
    expect(documentOf(`# acme/web: master, stable\n${line}`).web).toMatchObject({
      image: "acme/web",
      trigger: { dockerhub: { secret } },
      sequence: [["master", "stable"]],
    });
    expect(documentOf(`# acme/web: nightly\n${line}`).web).toMatchObject({
      trigger: { dockerhub: { secret, all: true } },
      sequence: ["acme/web:nightly"],
    });
    expect(documentOf(`# acme/other: nightly\n${line}`).web.sequence).toEqual(["acme/web:latest"]);
    expect(notesOf(line).join("\n")).toContain(
      "name the tags in the line above it: # acme/web: latest another",
    );
  });

  test("keeps the schedule of a line with a random delay, and loses the delay with a note", () => {
    const text = "RANDOM_DELAY=30\n10~40 ~ * * 1~5 dh-trigger acme web";
    expect(only("10~40 3 * * * dh-trigger acme web")).toEqual({ cron: "10 3 * * *" });
    expect(only("~ ~ ~ * * dh-trigger acme web")).toEqual({ cron: "0 0 1 * *" });
    expect(only("0 ~ * * * sleep $((RANDOM \\% 600)); dh-trigger acme web")).toEqual({ cron: "0 0 * * *" });
    expect(notesOf(text.replace("1~5", "1")).join("\n")).toContain(
      "the random delay of RANDOM_DELAY, line 2 was not imported",
    );
  });

  test("loses no line silently: @reboot, unsupported fields and other text are noted", () => {
    const notes = notesOf("@reboot dh-trigger acme a\n0/5 * * * * dh-trigger acme b\nhello\n").join("\n");
    expect(notes).toContain("the schedule of line 1 was not imported: @reboot is not a time");
    expect(notes).toContain("the schedule of line 2 was not imported: its five fields");
    expect(notes).toContain("ignored lines that are not crontab entries: 3");
  });

  test("never shows a token, wherever it is in a line", () => {
    const places = [
      '0 3 * * * curl -d \'{"docker_tag":"v1"}\' https://registry.hub.docker.com/u/acme/web/trigger/T/',
      "0 3 * * * curl https://hub.docker.com/api/build/v1/source/T/trigger/T/call/",
      "0 3 * * * curl https://T@registry.hub.docker.com/u/acme/web/trigger/T/?token=T",
      "0 3 * * * curl -H 'authorization: T' -u a:T https://registry.hub.docker.com/u/acme/web/trigger/T",
      "TOKEN=T\n0 3 * * * dh-trigger acme web $TOKEN && dh-trigger add acme/web T",
      "# T\n0 3 * * * dh-trigger acme web",
      "T\n0 3 * * * dh-trigger acme web # T",
    ];
    fc.assert(
      fc.property(fc.uuid(), fc.subarray(places, { minLength: 1 }), (secretToken, lines) => {
        const text = lines.join("\n").replaceAll("T/", `${secretToken}/`).replaceAll(/\bT\b/g, secretToken);
        let output: string;
        try {
          const imported = importCrontab(text, options);
          output = yamlText(imported, "a test") + JSON.stringify(imported);
        } catch (error) {
          output = String(error);
        }
        expect(output).not.toContain(secretToken);
      }),
    );
  });

  test.each([
    ["an empty file", ""],
    ["a crontab without Docker Hub", "0 3 * * * curl https://example.com/trigger\n"],
    ["an invalid name", "0 3 * * * dh-trigger __proto__ __proto__\n"],
    ["a line of 1 MB", `0 3 * * * ${"'\" ".repeat(1 << 18)}\n`],
    ["fields of 1 MB", `${"1 ".repeat(1 << 19)}\n`],
    ["one field of 1 MB", "1".repeat(1 << 20)],
  ])("is refused with an example for %s", (_name, text) => {
    expect(() => importCrontab(text, options)).toThrow("expected a crontab with lines such as");
  });
});
