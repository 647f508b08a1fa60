// The settings of `trigger: { command: … }`, a command for the machine that runs the local program, and of the command that runs
// builds of the API, which has other placeholders.
import * as z from "zod";
import type { BuilderHost } from "../../kinds/builder.ts";
import { expected } from "../../validation/expectation.ts";
import { oneOf, text } from "../../validation/forms.ts";
import { placeholderNames, placeholdersIn, secretOf } from "../placeholders.ts";
import { type Known, placeholderProblem, template } from "../template.ts";
import { builderHosts } from "./builder-hosts.ts";
import { ownPartsOfArgument, ownPartsOfLine } from "./command-line.ts";

export type CommandSettings = {
  /** A shell command, or a program and its arguments. */
  run: string | string[];
  directory: string | null;
  environment: Record<string, string>;
  concurrency: number;
  /** The hosts to build on; empty if the command does not choose one. */
  builders: BuilderHost[];
};

const builderPlaceholder = "builder";

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const line = text("a shell command", /\S/);
const variable = z.string().refine((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name), {
  error: ({ input }) => expected("the name of an environment variable, such as DOCKER_PASSWORD", input),
});

/** `own` are the placeholders of its texts, beside {builder}. */
export function commandSettingsWith(own: Known) {
  const known = { ...own, names: [...own.names, builderPlaceholder] };
  return z
    .strictObject({
      run: runWith(known),
      directory: directoryWith(known).optional(),
      environment: z
        .record(variable, template("text", "with secrets", known))
        .optional()
        .describe(
          "Environment variables, in addition to those of the program. Write secrets as {secret:NAME}.",
        ),
      concurrency: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe(
          "How many commands may run at once on this machine. Default: 1, or the number of the builders.",
        ),
      builders: builderHosts
        .optional()
        .describe(
          "The Docker hosts to build on, such as ssh://build@host.example.org, or BuildKit hosts as { buildkit: tcp://… }. The command runs on this machine with DOCKER_HOST or BUILDKIT_HOST set to the least busy one that answers, which is also {builder}. Default: none.",
        ),
    })
    .check(({ value: { builders, ...texts }, issues }) => {
      if (builders !== undefined || !textsIn(texts).some((text) => placeholdersIn(text).includes("builder")))
        return;
      const message = 'expected "builders" for the placeholder {builder}, found none';
      issues.push({ code: "custom", message, input: texts, path: ["builders"] });
    })
    .transform(
      ({ run, directory = null, environment = {}, builders = [], concurrency }): CommandSettings => ({
        run,
        directory,
        environment,
        concurrency: concurrency ?? Math.max(1, builders.length),
        builders,
      }),
    );
}

export const commandSettings = commandSettingsWith({ names: placeholderNames, ofSteps: true });

function runWith(known: Known) {
  const forms = [line, z.array(z.string()).min(1)] as const;
  return oneOf(`a shell command, or a program and its arguments such as ["make", "{tag}"]`, forms)
    .check(({ value, issues }) => {
      const texts = typeof value === "string" ? [value] : value;
      for (const [index, item] of texts.entries()) {
        const problem =
          typeof value === "string" ? problemOfLine(item, known) : problemOfArgument(item, index, known);
        const path = typeof value === "string" ? [] : [index];
        if (problem !== null) issues.push({ code: "custom", message: problem, input: item, path });
      }
    })
    .describe(
      "A shell command, or a list of a program and its arguments, which runs without a shell. A shell command of several lines stops at the first line that fails. Placeholders such as {tag} are replaced, except after a $, where they belong to the shell.",
    );
}

function directoryWith(known: Known) {
  return text("a folder", /\S/)
    .check(({ value, issues }) => {
      const problem = problemIn(ownPartsOfArgument(value), known);
      if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
    })
    .describe(
      "The folder that the command runs in, relative to the one where the program was started. Default: the latter.",
    );
}

function problemOfLine(text: string, known: Known): string | null {
  // The braces may be those of a command such as awk '{print}'.
  const advice = "; if the braces belong to the command, put a space into them";
  return problemIn(ownPartsOfLine(text), known, advice);
}

function problemOfArgument(text: string, index: number, known: Known): string | null {
  if (index === 0 && text.trim() === "") return expected("a program", text);
  return problemIn(ownPartsOfArgument(text), known);
}

function problemIn(parts: readonly string[], known: Known, advice = ""): string | null {
  for (const part of parts) {
    const secret = placeholdersIn(part).find((name) => secretOf(name) !== null);
    if (secret !== undefined) {
      return `expected no secret, found "{${secret}}": everyone on the machine can see commands and folders; put it into "environment", as NAME: "{${secret}}"`;
    }
    const problem = placeholderProblem(part, "without secrets", known);
    if (problem !== null) return problem.includes("did you mean") ? problem : `${problem}${advice}`;
  }
  return null;
}
