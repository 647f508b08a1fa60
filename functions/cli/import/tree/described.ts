// What one file of a tree says about an image.
import type { ContextBuild } from "../context-builds.ts";

/** The best source first: where two describe a Dockerfile, the better one counts. */
export const sourceKinds = [
  "bake",
  "workflow",
  "images-json",
  "compose",
  "makefile",
  "script",
  "trial",
] as const;
export type SourceKind = (typeof sourceKinds)[number];
export type Described = ContextBuild & { kind: SourceKind; file: string };

/** Labels are unique in the whole tree. */
export function scoped(build: ContextBuild, file: string): ContextBuild {
  const contexts = [...build.contexts].map(([name, value]): [string, string] => {
    const [, kind, label] = /^(target|service):(.+)$/.exec(value) ?? [];
    return [name, label === undefined ? value : `${kind}:${label} in ${file}`];
  });
  const after = (build.after ?? []).map((label) => `${label} in ${file}`);
  return {
    ...build,
    label: `${build.label} in ${file}`,
    names: [build.label],
    contexts: new Map(contexts),
    after,
  };
}
