// Reads the source maps of the functions' code, and makes them fit for the package.
import { realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import * as z from "zod";

const schema = z.looseObject({ sources: z.array(z.string()), sourcesContent: z.array(z.string()) });

/** The paths of the files that are part of the code. */
export function sourcesOf(sourceMap: string): string[] {
  return schema.parse(JSON.parse(sourceMap)).sources;
}

/**
 * The map without the sources' texts: files and lines are enough to translate a stack trace, and the texts are three
 * quarters of a map. Its paths begin at the root of the repository. They do not name the folder that the package was made
 * in, nor where `node_modules` leads if it is a link, as it often is in a worktree.
 */
export function packedSourceMap(sourceMap: string, code: string, root: string): string {
  const { sourcesContent: _texts, sources, ...rest } = schema.parse(JSON.parse(sourceMap));
  const folders = [
    { path: realpathSync(join(root, "node_modules")), name: "node_modules" },
    { path: realpathSync(root), name: "" },
  ];
  const pathOf = (source: string) => {
    const file = resolve(realpathSync(code), source);
    const folder = folders.find(({ path }) => !relative(path, file).startsWith(".."));
    if (folder === undefined) throw new Error(`expected the functions' code in ${root}, found ${file}`);
    return join(folder.name, relative(folder.path, file)).replaceAll("\\", "/");
  };
  return JSON.stringify({ ...rest, sources: sources.map(pathOf) });
}
