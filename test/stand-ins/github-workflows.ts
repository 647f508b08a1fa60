// Checks GitHub Actions workflows with GitHub's own parser, which needs a bundler.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import * as z from "zod";
import { root } from "./program.ts";

const errors = z.array(z.object({ message: z.string() }));

/** Returns the errors in a workflow. */
export type CheckWorkflow = (text: string) => string[];

export async function loadWorkflowParser(): Promise<CheckWorkflow> {
  const folder = mkdtempSync(join(tmpdir(), "workflow-parser-"));
  const outfile = join(folder, "parser.mjs");
  const contents = 'export { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";';
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
  });
  const { parseWorkflow, NoOperationTraceWriter } = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return (content) => {
    const { context } = parseWorkflow({ name: "image.yml", content }, new NoOperationTraceWriter());
    return errors.parse(context.errors.getErrors()).map(({ message }) => message);
  };
}
