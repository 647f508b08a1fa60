// Whether a pushed tag of the source starts runs, and which parameters it gives them.
import { type Parameters, parametersIn } from "../image/tag-parameters.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";

/** Docker Hub's own name for it. */
const sourceTag = "sourceref";

/** By the first pattern that matches; null if none does. */
export function parametersOfTag(
  { parameters, source }: Pick<Pipeline, "parameters" | "source">,
  tag: string,
): Parameters | null {
  for (const pattern of source?.tags ?? []) {
    const found = match(pattern, tag);
    if (found === null) continue;
    const all = { ...found, [sourceTag]: tag };
    return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(parameters, name)));
  }
  return null;
}

/** `{version}` and `*` match any text. Without a `{version}`, the first `*` is the version. */
function match(pattern: string, tag: string): Record<string, string> | null {
  const names = parametersIn(pattern);
  let hasStar = names.includes("version");
  const seen = new Set<string>();
  const expression = pattern.replace(/\{([A-Za-z_]\w*)\}|\*|[^{*]+|\{/g, (part, name: string | undefined) => {
    const group = name ?? (part === "*" && !hasStar ? "version" : undefined);
    if (part === "*") hasStar = true;
    if (group === undefined) return part === "*" ? ".*" : part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
    if (seen.has(group)) return `\\k<${group}>`;
    seen.add(group);
    return `(?<${group}>.+)`;
  });
  const found = new RegExp(`^${expression}$`, "s").exec(tag);
  return found === null ? null : { ...found.groups };
}
