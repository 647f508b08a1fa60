// What became of build variables.
import { isSecret, variablesOf } from "../build-variables.ts";
import type { MoveKind } from "../move-kinds.ts";
import { info, list, type Moved, type Remark, some, toDo } from "./remark.ts";

export function onVariables({ source, builds, kind }: Moved): Remark[] {
  const found = builds.map(variablesOf);
  const of = (key: "plain" | "secrets" | "args") => [...new Set(found.flatMap((one) => one[key]))];
  const plain = of("plain").map((text) => text.split("=")[0] ?? "");
  const [args, secrets] = [of("args"), of("secrets")];
  const used = new Set([...plain, ...args, ...secrets]);
  const unused = source.variables.map(({ name }) => name).filter((name) => !used.has(name));
  const secretArgs = args.filter((name) =>
    source.variables.some((one) => one.name === name && isSecret(one)),
  );
  return [
    ...some(
      toDo(`${source.unreadVariables} of its build variables could not be read: see Docker Hub's page.`),
      source.unreadVariables > 0,
    ),
    ...some(info(`Build variables in the environment of hooks and tests: ${list(plain)}.`), plain.length > 0),
    ...some(
      info(
        `Build variables that the Dockerfile has as \`ARG\` became build arguments: ${list(args)}. Docker Hub gave them to hooks alone.`,
      ),
      args.length > 0,
    ),
    ...onSecrets(secrets, secretArgs, kind),
    ...some(
      info(`Build variables that nothing was found to use were left out: ${list(unused)}.`),
      unused.length > 0,
    ),
    ...some(
      toDo(
        "`SSH_PRIVATE` was the key for private submodules: give `actions/checkout` the inputs `submodules` and `ssh-key`.",
      ),
      source.variables.some(({ name }) => name === "SSH_PRIVATE"),
    ),
  ];
}

function onSecrets(secrets: readonly string[], secretArgs: readonly string[], kind: MoveKind): Remark[] {
  return [
    ...some(
      kind === "github"
        ? toDo(
            `Add as secrets to the repository at GitHub: ${list(secrets)}. Their values were not written anywhere; Docker Hub's page shows them.`,
          )
        : toDo(
            kind === "gitlab"
              ? `Secret build variables are not moved to GitLab CI (${list(secrets)}): add them as masked variables, and to its job.`
              : `Secret build variables are not moved to AWS CodeBuild (${list(secrets)}): use a \`buildspec\` of your own that reads them from Secrets Manager.`,
          ),
      secrets.length > 0,
    ),
    ...some(
      toDo(
        `The Dockerfile has secrets as arguments (${list(secretArgs)}), which stay in the history of the image. Use \`RUN --mount=type=secret\` instead.`,
      ),
      secretArgs.length > 0,
    ),
  ];
}
