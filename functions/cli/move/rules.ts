// Turns a build rule into what it builds: fixed tags of a branch or a tag, or tags that depend on what is pushed.
import { posix } from "node:path";
import type { Rule } from "./hub-source.ts";

export type ReadRule =
  | { kind: "fixed"; tags: string[] }
  /** `pattern` without its slashes. */
  | { kind: "pattern"; pattern: string }
  | { kind: "problem"; problem: string };

/** Narrower than what git allows: no braces, which would be placeholders of a trigger. */
const refPattern = /^(?!-)(?!.*\.\.)[^\s~^:?*[\]\\{}\p{Cc}]+$/u;
const tagPattern = /^\w[\w.-]{0,127}$/;

export function readRule({ source, tag }: Rule): ReadRule {
  const pattern = /^\/(.+)\/$/.exec(source)?.[1];
  if (pattern !== undefined) {
    return isRegularExpression(pattern)
      ? { kind: "pattern", pattern }
      : { kind: "problem", problem: `its source ${source} is no regular expression that can be read` };
  }
  if (!refPattern.test(source)) {
    return { kind: "problem", problem: `its source ${source} is no name of a branch or a tag` };
  }
  const tags = tag.split(",").flatMap((one) => {
    const text = one.trim().replaceAll("{sourceref}", source);
    return text === "" ? [] : [text];
  });
  if (tags.length === 0) return { kind: "problem", problem: "it has no tag" };
  const wrong = tags.find((one) => !tagPattern.test(one));
  return wrong === undefined
    ? { kind: "fixed", tags: [...new Set(tags)] }
    : { kind: "problem", problem: `its tag would be ${wrong}, which is no valid tag` };
}

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

export type BuildPaths = { context: string; dockerfile: string };

/** From the root of the repository. The path of the Dockerfile is relative to the context, which may be left empty. */
export function pathsOf({ context, dockerfile }: Pick<Rule, "context" | "dockerfile">): BuildPaths {
  const relative = (path: string) => posix.normalize(path.trim().replace(/^\/+/, "")).replace(/(.)\/$/, "$1");
  const file = /\/$/.test(dockerfile.trim())
    ? `${dockerfile.trim()}Dockerfile`
    : dockerfile.trim() || "Dockerfile";
  if (context.trim() === "") {
    const path = relative(file);
    return { context: posix.dirname(path), dockerfile: path };
  }
  const folder = relative(context);
  return { context: folder, dockerfile: posix.join(folder, relative(file)) };
}
