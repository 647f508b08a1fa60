// Selects the importer for a file or a folder.
import { importBake } from "./bake.ts";
import { importCompose } from "./compose.ts";
import { importConfigPy } from "./config-py.ts";
import { importCrontab } from "./crontab.ts";
import { importDockerfiles } from "./dockerfile-tree.ts";
import type { FilesView } from "./files-view.ts";
import { importImagesJson } from "./images-json.ts";
import type { Imported, NamingOptions } from "./imported.ts";
import { type Kind, recogniseKind } from "./recognise-kind.ts";

/** `files` are those of the folder, or of the folder that contains the file. */
export type Source =
  | { kind: "folder"; files: FilesView }
  | { kind: "file"; file: string; text: string; files: FilesView };

export function importSource(source: Source, givenKind: Kind | null, options: NamingOptions): Imported {
  if (source.kind === "folder") return importDockerfiles(source.files, options);
  const { file, text, files } = source;
  switch (givenKind ?? recogniseKind(file, text)) {
    case "config-py":
      return importConfigPy(text);
    case "crontab":
      return importCrontab(text, options);
    case "dockerfiles":
      return importDockerfiles(files, options);
    case "images-json":
      return importImagesJson(text, pathInFolder(file), files, options);
    case "bake":
      return importBake(text, files, options);
    case "compose":
      return importCompose(text, files, options);
  }
}

/** That of an IMAGES.json, from its project. */
function pathInFolder(file: string): string {
  return /(?:^|\/)(\.?docker\/[^/]+)$/.exec(file)?.[1] ?? file.split("/").at(-1) ?? file;
}
