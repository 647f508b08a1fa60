// What a checkout tells about its repository on GitHub.
import type { FilesView } from "../files-view.ts";
import type { Value, ValueMap } from "../hcl/value.ts";

/** From the remote in `.git/config`; empty without one on GitHub. */
export function githubContext(files: FilesView): ValueMap {
  const config = files.read(".git/config");
  const text = config.kind === "text" ? config.text : "";
  const [, owner, name] =
    /^\s*url\s*=\s*\S*github\.com[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\s*$/m.exec(text) ?? [];
  const known = new Map<string, Value>([["server_url", "https://github.com"]]);
  if (owner === undefined || name === undefined) return known;
  known.set("repository_owner", owner.toLowerCase());
  known.set("repository", `${owner}/${name}`.toLowerCase());
  return known;
}
