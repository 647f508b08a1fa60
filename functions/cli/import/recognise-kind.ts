// Recognises the kind of a file from its name and content.
import { ImportError, quote } from "./imported.ts";

export const kinds = ["config-py", "crontab", "dockerfiles", "images-json", "bake", "compose"] as const;
export type Kind = (typeof kinds)[number];

export function recogniseKind(file: string, text: string): Kind {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  if (/\.hcl$/i.test(name)) return "bake";
  // A single Dockerfile stands for its folder, which gives it a name and contains the other images.
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
  const found =
    text.trim() === "" ? `an empty file (${quote(name)})` : `${quote(name)}, which looks like none of them`;
  throw new ImportError(`expected one of ${kinds.join(", ")}, found ${found}; set the kind with --from KIND`);
}
