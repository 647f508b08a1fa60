// What a checkout tells about its repository on GitHub.
import type { FilesView } from "../files-view.ts";
import type { Value, ValueMap } from "../hcl/value.ts";

/** From the remote in `.git/config`; empty without one on GitHub. */
export function githubContext(files: FilesView): ValueMap {
  const known = new Map<string, Value>([["server_url", "https://github.com"]]);
  const repository = remoteOf(files, "github.com");
  if (repository === null) return known;
  known.set("repository_owner", repository.split("/")[0]?.toLowerCase() ?? "");
  known.set("repository", repository.toLowerCase());
  return known;
}

/** `owner/name` of the remote of a checkout; null without one, or without one at `host`. */
export function remoteOf(files: FilesView, host: string | null = null): string | null {
  const config = files.read(".git/config");
  const text = config.kind === "text" ? config.text : "";
  const [, at = "", path] =
    /^\s*url\s*=\s*(?:\w+:\/\/)?(?:[^@\s/]*@)?([\w.-]+)(?::\d+)?[:/]([\w.-]+(?:\/[\w.-]+?)+?)(?:\.git)?\/?\s*$/m.exec(
      text,
    ) ?? [];
  return path === undefined || (host !== null && at !== host) ? null : path;
}
