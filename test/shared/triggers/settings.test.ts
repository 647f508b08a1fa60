import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/core/compile.ts";
import { ConfigError } from "../../../shared/core/config-error.ts";

function compile(trigger: unknown) {
  return compileConfig({ pipelines: { p: { sequence: ["acme/a:1"], trigger } } }).pipelines[0]?.steps[0]
    ?.trigger;
}
function problemsOf(trigger: unknown): string[] {
  try {
    compile(trigger);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}
const at = "pipelines.p.trigger";

test("a trigger of an unknown kind is told with those that are known", () => {
  expect(problemsOf({ githbu: {} })).toEqual([
    expect.stringMatching(/: expected a trigger: \{ dockerhub: … \}.*, found a map with "githbu"$/),
  ]);
});

describe("a github trigger", () => {
  const workflow = { repository: "acme/web", workflow: "image.yml", secret: "T" };
  const event = { repository: "acme/web", event: "rebuild", secret: "T" };

  test("dispatches a workflow, of main unless told, or an event", () => {
    expect(compile({ github: workflow })).toEqual({ github: { ...workflow, ref: "main" } });
    expect(compile({ github: { ...workflow, ref: "v1", inputs: { a: "{tag}" } } })).toEqual({
      github: { ...workflow, ref: "v1", inputs: { a: "{tag}" } },
    });
    expect(compile({ github: event })).toEqual({ github: event });
  });

  test.each([
    [
      { ...workflow, event: "x" },
      ': expected either "workflow" (with "ref" and "inputs") or "event" (with "payload"), found "workflow", "event"',
    ],
    [
      { ...event, ref: "main" },
      ': expected either "workflow" (with "ref" and "inputs") or "event" (with "payload"), found "ref", "event"',
    ],
    [
      { repository: "acme/web", secret: "T" },
      ': expected either "workflow" (with "ref" and "inputs") or "event" (with "payload"), found neither',
    ],
    [{ repository: "acme/web", workflow: "a.yml" }, ': expected either "secret" or "app", found neither'],
    [
      { ...workflow, app: { id: 1, installation: 2, secret: "K" } },
      ': expected either "secret" or "app", found both',
    ],
    [{ ...workflow, worklow: "a" }, ': unknown key "worklow"; did you mean "workflow"?'],
    [{ ...workflow, inputs: { a: 1.1 } }, ".inputs.a: expected text, found the number 1.1; put it in quotes"],
    [
      { ...workflow, inputs: { fine: "{tag}", wrong: "v{tga}" } },
      '.inputs.wrong: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, found "{tga}"; did you mean "{tag}"?',
    ],
    [
      { ...event, payload: { wrong: "{secret:T}" } },
      '.payload.wrong: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, found "{secret:T}"',
    ],
    [
      { ...event, payload: Object.fromEntries([..."abcdefghijk"].map((key) => [key, "1"])) },
      ".payload: expected at most 10 keys, found more: GitHub takes no more",
    ],
  ])("that says %j is told what is wrong", (github, problem) => {
    expect(problemsOf({ github })).toEqual([`${at}.github${problem}`]);
  });
});
