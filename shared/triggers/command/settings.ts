// What `trigger: { command: … }` may say: a command of the machine that the local program runs on.
import * as z from "zod";
import { expected } from "../../core/expectation.ts";
import { oneOf, text } from "../../core/forms.ts";
import { placeholdersIn } from "../placeholders.ts";
import { placeholderProblem, template } from "../template.ts";
import { ownPartsOfArgument, ownPartsOfLine } from "./command-line.ts";

const line = text("a line for the shell", /\S/);
const run = oneOf('a line for the shell, or a program and its arguments such as ["make", "{tag}"]', [
  line,
  z.array(z.string()).min(1),
])
  .check(({ value, issues }) => {
    const texts = typeof value === "string" ? [value] : value;
    for (const [index, own] of texts.entries()) {
      const problem = typeof value === "string" ? problemOfLine(own) : problemOfArgument(own, index);
      const path = typeof value === "string" ? [] : [index];
      if (problem !== null) issues.push({ code: "custom", message: problem, input: own, path });
    }
  })
  .describe(
    "a line for the shell (of several lines, the first that fails is the last), or a list: a program and its arguments, without a shell; placeholders such as {tag} are replaced, those behind a $ are the shell's",
  );

const directory = text("a folder", /\S/)
  .check(({ value, issues }) => {
    const problem = problemIn(ownPartsOfArgument(value));
    if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
  })
  .describe("where it is run, relative to where the program was started");

const variable = z.string().refine((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name), {
  error: ({ input }) => expected("the name of an environment variable, such as DOCKER_PASSWORD", input),
});

export const commandSettings = z
  .strictObject({
    run,
    directory: directory.optional(),
    environment: z
      .record(variable, template("text", "with secrets"))
      .optional()
      .describe("what its environment has beside that of the program; secrets as {secret:NAME}"),
    concurrency: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("how many commands may run at once on this machine; 1 unless told"),
  })
  .transform(
    ({ run, directory = null, environment = {}, concurrency = 1 }): CommandSettings => ({
      run,
      directory,
      environment,
      concurrency,
    }),
  );

export type CommandSettings = {
  /** A line for the shell, or a program and its arguments. */
  run: string | string[];
  directory: string | null;
  environment: Record<string, string>;
  concurrency: number;
};

function problemOfLine(text: string): string | null {
  const problem = problemIn(ownPartsOfLine(text));
  // Such as awk '{print}'.
  const isForShell =
    problem?.startsWith("expected as placeholder") === true && !problem.includes("did you mean");
  return isForShell ? `${problem}; where the braces are the command's own, put a space into them` : problem;
}

function problemOfArgument(text: string, index: number): string | null {
  if (index === 0 && text.trim() === "") return expected("a program", text);
  return problemIn(ownPartsOfArgument(text));
}

function problemIn(parts: readonly string[]): string | null {
  for (const part of parts) {
    const secret = placeholdersIn(part).find((name) => name.startsWith("secret:"));
    if (secret !== undefined) {
      return `expected no secret, found "{${secret}}": everyone on the machine can see what is run, and where; put it into "environment", as NAME: "{${secret}}"`;
    }
    const problem = placeholderProblem(part, "without secrets");
    if (problem !== null) return problem;
  }
  return null;
}
