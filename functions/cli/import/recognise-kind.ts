// Tells by its name and by what stands in it what a file is that is to be imported.
import { ImportError, quote } from "./imported.ts";

export const kinds = ["config-py", "crontab", "dockerfiles", "images-json", "bake", "compose"] as const;
export type Kind = (typeof kinds)[number];

export function recogniseKind(file: string, text: string): Kind {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  if (/\.hcl$/i.test(name)) {
    throw new ImportError(
      `expected a bake file in JSON, found ${quote(name)}; write it as JSON first: docker buildx bake --print > docker-bake.json`,
    );
  }
  // Its folder tells what it is called, and what else is built there.
  if (/^(?:Docker|Container)file(?:\.|$)|\.(?:docker|container)file$/i.test(name)) return "dockerfiles";
  if (/\.py$/i.test(name)) return "config-py";
  if (/\.json$/i.test(name) || text.trimStart().startsWith("{")) {
    if (/"images"\s*:/.test(text) && !/"target"\s*:/.test(text)) return "images-json";
    if (/"target"\s*:/.test(text)) return "bake";
    if (/^images\.json$/i.test(name)) return "images-json";
    if (/bake/i.test(name)) return "bake";
  }
  if (/compose.*\.ya?ml$/i.test(name)) return "compose";
  if (/\.ya?ml$/i.test(name) && /^services\s*:/m.test(text)) return "compose";
  if (/^\s*tagSequence\s*=/m.test(text)) return "config-py";
  if (/\b(?:dh-trigger|dht|curl|wget)\b/.test(text) || /cron/i.test(name)) return "crontab";
  throw new ImportError(
    `expected one of ${kinds.join(", ")}, found ${text.trim() === "" ? `nothing in ${quote(name)}` : `${quote(name)}, which looks like none of them`}; tell which it is with --from KIND`,
  );
}
