import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../shared/config/compile.ts";
import { ConfigError } from "../../../shared/config/config-error.ts";

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

test("the error for an unknown kind lists the known ones", () => {
  expect(problemsOf({ githbu: {} })).toEqual([
    expect.stringMatching(/: expected a trigger: \{ dockerhub: … \}.*, found a map with "githbu"$/),
  ]);
});

describe("a github trigger", () => {
  const workflow = { repository: "acme/web", workflow: "image.yml", secret: "T" };
  const event = { repository: "acme/web", event: "rebuild", secret: "T" };

  test("dispatches a workflow, by default of main, or an event", () => {
    expect(compile({ github: workflow })).toEqual({ kind: "github", ...workflow, ref: "main" });
    expect(compile({ github: { ...workflow, ref: "v1", inputs: { a: "{tag}" } } })).toEqual({
      kind: "github",
      ...workflow,
      ref: "v1",
      inputs: { a: "{tag}" },
    });
    expect(compile({ github: event })).toEqual({ kind: "github", ...event });
  });

  test.each([
    [
      { ...workflow, event: "x" },
      ': expected either "workflow" (with "ref", "inputs" and "enable") or "event" (with "payload"), found "workflow", "event"',
    ],
    [
      { ...event, ref: "main" },
      ': expected either "workflow" (with "ref", "inputs" and "enable") or "event" (with "payload"), found "ref", "event"',
    ],
    [
      { repository: "acme/web", secret: "T" },
      ': expected either "workflow" (with "ref", "inputs" and "enable") or "event" (with "payload"), found neither',
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
      '.inputs.wrong: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins} or {digest:STEP}, found "{tga}"; did you mean "{tag}"?',
    ],
    [
      { ...event, payload: { wrong: "{secret:T}" } },
      '.payload.wrong: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins} or {digest:STEP}, found "{secret:T}"',
    ],
    [
      { ...event, payload: Object.fromEntries([..."abcdefghijk"].map((key) => [key, "1"])) },
      ".payload: expected at most 10 keys (GitHub's limit), found more",
    ],
  ])("with %j is rejected with the reason", (github, problem) => {
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
      '.variables.A: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins} or {digest:STEP}, found "{tagg}"; did you mean "{tag}"?',
    ],
    [
      { project: 1, secret: "T", host: "https://gitlab.com" },
      '.host: expected a host such as gitlab.example.org, found "https://gitlab.com"',
    ],
    [{ project: 1, secret: "T", brunch: "a" }, expect.stringMatching(/^\.gitlab: unknown key "brunch"/)],
  ])("with %j is rejected with the reason", (gitlab, problem) => {
    const [found = ""] = problemsOf({ gitlab });
    expect([found.replace(`${at}.gitlab.`, "."), found.replace(at, "")]).toContainEqual(problem);
  });
});

describe("the name of what is built from", () => {
  const names: [string, (name: string) => unknown][] = [
    ["github.ref", (ref) => ({ github: { repository: "acme/web", workflow: "a.yml", secret: "T", ref } })],
    ["github.event", (event) => ({ github: { repository: "acme/web", secret: "T", event } })],
    ["gitlab.ref", (ref) => ({ gitlab: { project: 1, secret: "T", ref } })],
    ["dockerhub.branch", (branch) => ({ dockerhub: { secret: "T", branch } })],
    ["dockerhub.tag", (tag) => ({ dockerhub: { secret: "T", tag } })],
    ["codebuild.ref", (ref) => ({ codebuild: { project: "web", ref } })],
  ];

  test.each(names)("may have placeholders and parameters in %s, but no others and no secrets", (path, of) => {
    for (const wrong of ["release-{versoin}", "{secret:T}", "{tga}"]) {
      expect(problemsOf(of(wrong))).toEqual([
        expect.stringContaining(`${at}.${path}: expected one of the placeholders {tag}, {tags}, `),
      ]);
    }
    expect(problemsOf(of("release-{tag}"))).toEqual([]);
    const trigger = of("release-{version}");
    const p = { parameters: { version: "1" }, sequence: ["acme/a:{version}"], trigger };
    expect(JSON.stringify(compileConfig({ pipelines: { p } }).pipelines)).toContain(
      '"release-{parameter:version}"',
    );
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
  ])("rejects the URL %s", (wrong) => {
    expect(problemsOf({ http: { url: wrong } })).toEqual([
      expect.stringMatching(/^pipelines\.p\.trigger\.http\.url: expected an https URL such as/),
    ]);
  });

  test.each([
    [{ url, headers: { Host: "a" } }, "headers.Host: expected the name of a header"],
    [{ url, headers: { "X-A": "1", "x-a": "2" } }, "headers: expected each header once, found one twice"],
    [{ url, headers: { a: "{tga}" } }, "headers.a: expected one of the placeholders"],
    [{ url, body: { a: "{tga}" } }, "body: expected one of the placeholders"],
    [{ url: `${url}?a={secret:}` }, "url: expected one of the placeholders"],
    [{ url, method: "DELETE" }, "method: expected"],
    [{ url, method: "GET", body: "a" }, "body: expected no body with GET, found one"],
    [
      { url, headers: { "content-type": "application/json" }, body: '{"a": {attempt}}' },
      "body: expected JSON",
    ],
    [
      { url, headers: { "content-type": "text/plain" }, body: {} },
      "body: expected text for this content-type",
    ],
    [
      { url, secrets: ["TOKEN"], headers: { a: "{secret:TOKNE}" } },
      'secrets: expected every secret that the request names, found no TOKNE: add it, or leave out secrets; did you mean "TOKEN"?',
    ],
    [{ url, ok: 500 }, "ok: expected at most 499, found the number 500"],
  ])("with %j is rejected with the reason", (http, problem) => {
    const [found = ""] = problemsOf({ http });
    expect(found).toContain(`${at}.http.${problem}`);
  });
});

describe("a command trigger", () => {
  test("by default runs one command at a time, in the program's folder and environment", () => {
    const defaults = { directory: null, environment: {}, concurrency: 1, builders: [] };
    expect(compile({ command: { run: "make {tag}" } })).toEqual({
      kind: "command",
      run: "make {tag}",
      ...defaults,
    });
    const configured = {
      run: ["make", `\${tag}`, "{tag}"],
      directory: "a/{tag}",
      environment: { A_1: "{secret:T}" },
      concurrency: 100,
    };
    expect(compile({ command: configured })).toEqual({ kind: "command", ...configured, builders: [] });
  });

  test("runs as many commands at once as it has builders", () => {
    const builders = [
      "ssh://build@one",
      { docker: "unix:///run/docker.sock" },
      { buildkit: "tcp://[::1]:1234" },
    ];
    const command = { run: "make {builder}", builders };
    expect(compile({ command })).toMatchObject({
      concurrency: 3,
      builders: [
        { kind: "docker", url: "ssh://build@one" },
        { kind: "docker", url: "unix:///run/docker.sock" },
        { kind: "buildkit", url: "tcp://[::1]:1234" },
      ],
    });
    expect(compile({ command: { ...command, concurrency: 1 } })).toMatchObject({ concurrency: 1 });
  });

  test.each([
    [{ builders: [] }, /\.builders: expected a list of at least 1/],
    [{ builders: ["https://one"] }, /\.builders\[0\]: expected .*ssh:\/\/.*found "https:\/\/one"/],
    [{ builders: ["tcp://one/path"] }, /\.builders\[0\]: expected .*found/],
    [{ builders: ["one"] }, /\.builders\[0\]: expected .*found "one"/],
    [{ builders: ["ssh://one", "ssh://one"] }, /\.builders: expected each address once, found one twice/],
    [
      { builders: ["ssh://build:hidden-word@one"] },
      /\.builders\[0\].*: expected an address without a password/,
    ],
    [
      { run: "make {builder}" },
      /\.builders: expected "builders" for the placeholder \{builder\}, found none/,
    ],
    [{ run: "make", environment: { A: "{builder}" } }, /\.builders: expected "builders" for the placeholder/],
  ])("with %j is rejected, with the reason and without a password", (rest, words) => {
    const problems = problemsOf({ command: { run: "make", ...rest } }).join("\n");
    expect(problems).toMatch(words);
    expect(problems).not.toContain("hidden-word");
  });

  test.each([
    [
      {},
      '.run: expected a shell command, or a program and its arguments such as ["make", "{tag}"], found nothing',
    ],
    [{ run: "  " }, '.run: expected a shell command, found "  "'],
    [{ run: [] }, ".run: expected a list of at least 1, found an empty list"],
    [{ run: ["", "a"] }, '.run[0]: expected a program, found ""'],
    [
      { run: ["make", "{tga}"] },
      '.run[1]: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins}, {builder} or {digest:STEP}, found "{tga}"; did you mean "{tag}"?',
    ],
    [
      { run: "awk '{print}'" },
      '.run: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins}, {builder} or {digest:STEP}, found "{print}"; if the braces belong to the command, put a space into them',
    ],
    [
      { run: "docker login -p {secret:T}" },
      '.run: expected no secret, found "{secret:T}": everyone on the machine can see commands and folders; put it into "environment", as NAME: "{secret:T}"',
    ],
    [
      { run: "make", directory: "a/{secret:T}" },
      '.directory: expected no secret, found "{secret:T}": everyone on the machine can see commands and folders; put it into "environment", as NAME: "{secret:T}"',
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
      '.environment.A: expected one of the placeholders {tag}, {tags}, {image}, {repository}, {date}, {run}, {step}, {pipeline}, {attempt}, {base}, {pins}, {builder}, {digest:STEP} or {secret:NAME}, found "{tga}"; did you mean "{tag}"?',
    ],
    [{ run: "make", concurrency: 0 }, ".concurrency: expected at least 1, found the number 0"],
    [{ run: "make", concurrency: 101 }, ".concurrency: expected at most 100, found the number 101"],
    [
      { run: "make", dir: "a" },
      ': unknown key "dir"; known keys: run, directory, environment, concurrency, builders',
    ],
  ])("with %j is rejected with the reason", (command, problem) => {
    expect(problemsOf({ command })).toEqual([`${at}.command${problem}`]);
  });
});
