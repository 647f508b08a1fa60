// Files in memory for the importers.
import { posix } from "node:path";
import type { FilesView } from "../../../../functions/cli/import/files-view.ts";

export function viewOf(texts: Record<string, string>, name = "project"): FilesView {
  const files = new Map(Object.entries(texts));
  return {
    name,
    paths: () => [...files.keys()],
    read: (path) => {
      const text = files.get(posix.normalize(path));
      return text === undefined ? { kind: "missing" } : { kind: "text", text };
    },
  };
}
