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

describe("a gitlab trigger", () => {
  test.each([
    [
      { project: "web", secret: "T" },
      `.project: expected a project's number, or its path such as group/name, found "web"`,
    ],
    [
      { project: 1, secret: "T", variables: { A: "{tagg}" } },
      '.variables.A: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, found "{tagg}"; did you mean "{tag}"?',
    ],
    [
      { project: 1, secret: "T", host: "https://gitlab.com" },
      '.host: expected a host such as gitlab.example.org, found "https://gitlab.com"',
    ],
    [{ project: 1, secret: "T", brunch: "a" }, expect.stringMatching(/^\.gitlab: unknown key "brunch"/)],
  ])("that says %j is told what is wrong", (gitlab, problem) => {
    const [found = ""] = problemsOf({ gitlab });
    expect([found.replace(`${at}.gitlab.`, "."), found.replace(at, "")]).toContainEqual(problem);
  });
});

describe("an http trigger", () => {
  const url = "https://ci.example.org/build";
  test.each([
    "ci.example.org",
    "http://ci.example.org/build",
    "https://{tag}.example.org/",
    "https://ci.example.org{tag}",
    "https://{secret:HOST}/",
    "https://user:pass@ci.example.org/",
    "https://ci.example.org\\@example.net/",
    "https://ci.example.org/#{tag}",
    "ftp://ci.example.org/",
  ])("goes to no URL such as %s", (wrong) => {
    expect(problemsOf({ http: { url: wrong } })).toEqual([
      expect.stringMatching(/^pipelines\.p\.trigger\.http\.url: expected a URL such as/),
    ]);
  });

  test.each([
    [{ url, headers: { Host: "a" } }, "headers.Host: expected the name of a header"],
    [{ url, headers: { "X-A": "1", "x-a": "2" } }, "headers: expected each header once, found one twice"],
    [{ url, headers: { a: "{tga}" } }, "headers.a: expected as placeholder"],
    [{ url, body: { a: "{tga}" } }, "body: expected as placeholder"],
    [{ url: `${url}?a={secret:}` }, "url: expected as placeholder"],
    [{ url, method: "DELETE" }, "method: expected"],
    [{ url, method: "GET", body: "a" }, "body: expected no body with GET, found one"],
    [
      { url, headers: { "content-type": "application/json" }, body: '{"a": {attempt}}' },
      "body: expected JSON",
    ],
    [
      { url, headers: { "content-type": "text/plain" }, body: {} },
      "body: expected a text for this content-type",
    ],
    [
      { url, secrets: ["TOKEN"], headers: { a: "{secret:TOKNE}" } },
      'secrets: expected all that {secret:…} names, found no TOKNE; did you mean "TOKEN"?',
    ],
    [{ url, ok: 500 }, "ok: expected at most 499, found the number 500"],
  ])("that says %j is told what is wrong", (http, problem) => {
    const [found = ""] = problemsOf({ http });
    expect(found).toContain(`${at}.http.${problem}`);
  });
});

describe("a command trigger", () => {
  test("has one command at a time, where the program was started and with its environment, unless told", () => {
    const bare = { directory: null, environment: {}, concurrency: 1 };
    expect(compile({ command: { run: "make {tag}" } })).toEqual({ command: { run: "make {tag}", ...bare } });
    const told = {
      run: ["make", `\${tag}`, "{tag}"],
      directory: "a/{tag}",
      environment: { A_1: "{secret:T}" },
      concurrency: 100,
    };
    expect(compile({ command: told })).toEqual({ command: told });
  });

  test.each([
    [
      {},
      '.run: expected a line for the shell, or a program and its arguments such as ["make", "{tag}"], found nothing',
    ],
    [{ run: "  " }, '.run: expected a line for the shell, found "  "'],
    [{ run: [] }, ".run: expected a list of at least 1, found an empty list"],
    [{ run: ["", "a"] }, '.run[0]: expected a program, found ""'],
    [
      { run: ["make", "{tga}"] },
      '.run[1]: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, found "{tga}"; did you mean "{tag}"?',
    ],
    [
      { run: "awk '{print}'" },
      '.run: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, found "{print}"; where the braces are the command\'s own, put a space into them',
    ],
    [
      { run: "docker login -p {secret:T}" },
      '.run: expected no secret, found "{secret:T}": everyone on the machine can see what is run, and where; put it into "environment", as NAME: "{secret:T}"',
    ],
    [
      { run: "make", directory: "a/{secret:T}" },
      '.directory: expected no secret, found "{secret:T}": everyone on the machine can see what is run, and where; put it into "environment", as NAME: "{secret:T}"',
    ],
    [
      { run: "make", environment: { "A-B": "1" } },
      '.environment.A-B: expected the name of an environment variable, such as DOCKER_PASSWORD, found "A-B"',
    ],
    [
      { run: "make", environment: { A: 1.1 } },
      ".environment.A: expected text, found the number 1.1; put it in quotes",
    ],
    [
      { run: "make", environment: { A: "{tga}" } },
      '.environment.A: expected as placeholder {tag}, {image}, {repository}, {run}, {step}, {pipeline} or {attempt}, or {secret:NAME}, found "{tga}"; did you mean "{tag}"?',
    ],
    [{ run: "make", concurrency: 0 }, ".concurrency: expected at least 1, found the number 0"],
    [{ run: "make", concurrency: 101 }, ".concurrency: expected at most 100, found the number 101"],
    [{ run: "make", dir: "a" }, ': unknown key "dir"; known are run, directory, environment, concurrency'],
  ])("that says %j is told what is wrong", (command, problem) => {
    expect(problemsOf({ command })).toEqual([`${at}.command${problem}`]);
  });
});
