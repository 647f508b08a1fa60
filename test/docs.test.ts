// Checks the documents: their configurations run to the end, GitHub's own parser accepts their workflow, and the files,
// scripts and headings that they name exist.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../shared/config/compile.ts";
import { listRoutes } from "../shared/http/routes.ts";
import { loadWorkflowParser } from "./stand-ins/github-workflows.ts";
import { startInProcess } from "./stand-ins/in-process.ts";
import { type Client, makeFolder, root, until } from "./stand-ins/program.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (document: string) => readFileSync(join(root, document), "utf8");
const examples = documents.flatMap((document) =>
  [...textOf(document).matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = ""], index) => ({
    name: `${document} ${index + 1}`,
    text,
  })),
);
const isWorkflow = ({ text }: { text: string }) => /^jobs:/m.test(text);

describe("each configuration in the documents", () => {
  const configurations = examples.filter((example) => !isWorkflow(example));

  test("is found", () => {
    expect(configurations.length).toBeGreaterThan(7);
  });

  test.concurrent.each(configurations)(
    "runs to the end: $name",
    async ({ text }) => {
      const { pipelines } = compileConfig(parse(text));
      const folder = makeFolder();
      const config = join(folder.path, "tagrelay.yaml");
      // The delay of 100s is the only thing that is changed: it would take too long.
      writeFileSync(config, text.replaceAll("100s", "1s"));
      const program = await startInProcess(["--data", folder.data, "--config", config]);
      const watched = pipelines
        .filter(({ steps }) => steps.every(({ watch }) => watch))
        .map(({ name }) => name);
      // The others are started by the pipelines that they come after.
      for (const { name } of pipelines.filter(({ after }) => after.length === 0)) {
        const status = watched.includes(name) ? 409 : 201;
        expect(await program.api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status });
      }
      const isOver = async () => {
        const { body } = await program.api("GET", "/pipelines");
        await approveGates(program, body.pipelines);
        return body.pipelines.every(
          ({ name, run }: { name: string; run: { status: string } | null }) =>
            watched.includes(name) || run?.status === "succeeded",
        );
      };
      await until(isOver, "every pipeline has succeeded", 100_000);
      await program.stop();
      folder.remove();
    },
    120_000,
  );
});

/** Approves every gate that waits for a person. */
async function approveGates(
  { api }: Client,
  pipelines: { run: { id: string; steps: { name: string; gate?: true; state: string }[] } | null }[],
): Promise<void> {
  for (const { run } of pipelines) {
    const waiting = run?.steps.filter(({ gate, state }) => gate === true && state === "building") ?? [];
    for (const { name } of waiting) await api("POST", `/runs/${run?.id}/steps/${name}/approve`);
  }
}

test("GitHub's parser accepts each workflow in the documents, and would find an error in it", async () => {
  const problemsOf = await loadWorkflowParser();
  const workflows = examples.filter(isWorkflow);
  expect(workflows).toHaveLength(1);
  for (const { text } of workflows) {
    expect(problemsOf(text)).toEqual([]);
    expect(problemsOf(text.replace("inputs.context }}", "steps.context }"))).not.toEqual([]);
  }
});

test("the workflow in the moving guide has the inputs that its configurations pass", () => {
  const [workflow] = examples.filter(isWorkflow);
  const inputs = Object.keys(parse(workflow?.text ?? "").on.workflow_dispatch.inputs);
  const given = examples
    .filter((example) => example.name.startsWith("docs/moving-off") && !isWorkflow(example))
    .flatMap(({ text }) => compileConfig(parse(text)).pipelines)
    .flatMap(({ steps }) => steps)
    .flatMap(({ trigger }) =>
      trigger.kind === "github" && "workflow" in trigger ? [Object.keys(trigger.inputs ?? {})] : [],
    );
  expect(given.length).toBeGreaterThan(3);
  for (const names of given) expect(names).toEqual(inputs);
});

test.each(documents)("%s names only scripts and files that exist", (document) => {
  const text = textOf(document);
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [, script = ""] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g)) {
    expect(scripts).toHaveProperty([script]);
  }
  for (const [, path = ""] of text.matchAll(/`((?:test|shared|functions|infra|docs)\/[\w./-]+)`/g)) {
    expect(existsSync(join(root, path)), path).toBe(true);
  }
  for (const [, path = ""] of text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
    expect(existsSync(join(root, dirname(document), path)), path).toBe(true);
  }
});

test.each(documents)("the headings that %s links to exist", (document) => {
  for (const [, path = "", anchor = ""] of textOf(document).matchAll(
    /\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g,
  )) {
    const target = path === "" ? document : join(dirname(document), path);
    const headings = [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(headings, `${target}#${anchor}`).toContain(anchor);
  }
});

test.each(["builders", "channels"])(
  "every folder in shared/%s is a registered and documented kind",
  (room) => {
    const folders = readdirSync(join(root, "shared", room), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const registry = textOf(`shared/${room}/settings.ts`);
    const configuration = textOf("docs/configuration.md");
    for (const name of folders) {
      expect(registry, `a line for ${name} in shared/${room}/settings.ts`).toContain(`./${name}/settings.ts`);
      const isDescribed = configuration.includes(`\`${name}\``);
      expect(isDescribed, `expected a description of ${name} in docs/configuration.md`).toBe(true);
    }
  },
);

test("docs/api.md has every route but the forms and files of the pages, and a secret at the end of a path", () => {
  const text = textOf("docs/api.md");
  const own = listRoutes().filter(
    ({ method, path }) =>
      !/^\/(?:assets|sign-in|sign-out)|:secret$/.test(path) &&
      (method === "GET" || /^\/(?:api|hooks)\//.test(path)),
  );
  const missing = own.filter(({ path }) => {
    const written = path.replace(/[.?]/g, "\\$&").replace(/:\w+/g, "\\{\\w+\\}");
    return !new RegExp(`${written}(?![\\w/])`).test(text);
  });
  expect(missing).toEqual([]);
});
