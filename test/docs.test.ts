// What the documents say is so: their configurations run to their end, their workflow is one for GitHub, and the files
// and scripts that they name are there.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../shared/core/compile.ts";
import { loadWorkflowParser } from "./stand-ins/github-workflows.ts";
import { makeFolder, root, startProgram, until } from "./stand-ins/program.ts";

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

  test("is looked at", () => {
    expect(configurations.length).toBeGreaterThan(7);
  });

  test.concurrent.each(configurations)(
    "runs to its end: $name",
    async ({ text }) => {
      const { pipelines } = compileConfig(parse(text));
      const folder = makeFolder();
      const config = join(folder.path, "tagrelay.yaml");
      // As it stands there, but that a hundred seconds are not waited for.
      writeFileSync(config, text.replaceAll("100s", "1s"));
      const program = await startProgram(["--data", folder.data, "--config", config]);
      // What comes after another pipeline is started by that.
      for (const { name } of pipelines.filter(({ after }) => after.length === 0)) {
        expect(await program.api("POST", `/pipelines/${name}/runs`)).toMatchObject({ status: 201 });
      }
      const isOver = async () => {
        const { body } = await program.api("GET", "/pipelines");
        return body.pipelines.every(
          ({ run }: { run: { status: string } | null }) => run?.status === "succeeded",
        );
      };
      await until(isOver, "every pipeline has succeeded", 100_000);
      await program.kill("SIGTERM");
      folder.remove();
    },
    120_000,
  );
});

test("each workflow in the documents is one for GitHub, which would tell of a mistake in it", async () => {
  const problemsOf = await loadWorkflowParser();
  const workflows = examples.filter(isWorkflow);
  expect(workflows).toHaveLength(1);
  for (const { text } of workflows) {
    expect(problemsOf(text)).toEqual([]);
    expect(problemsOf(text.replace("inputs.context }}", "steps.context }"))).not.toEqual([]);
  }
});

test("the workflow of the move takes the inputs that its configurations give", () => {
  const [workflow] = examples.filter(isWorkflow);
  const inputs = Object.keys(parse(workflow?.text ?? "").on.workflow_dispatch.inputs);
  const given = examples
    .filter((example) => example.name.startsWith("docs/moving-off") && !isWorkflow(example))
    .flatMap(({ text }) => compileConfig(parse(text)).pipelines)
    .flatMap(({ steps }) => steps)
    .flatMap(({ trigger }) =>
      "github" in trigger && "workflow" in trigger.github ? [Object.keys(trigger.github.inputs ?? {})] : [],
    );
  expect(given.length).toBeGreaterThan(3);
  for (const names of given) expect(names).toEqual(inputs);
});

test.each(documents)("%s names scripts and files that there are", (document) => {
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

test.each(documents)("the headings that links in %s lead to are there", (document) => {
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
