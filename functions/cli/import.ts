// `tagrelay import PATH`: reads what people have, and writes a tagrelay.yaml that says the same.
import { readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parse } from "yaml";
import { compileConfig } from "../../shared/core/compile.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { readText, viewFolder } from "./import/disk-view.ts";
import { type FileText, textOf } from "./import/files-view.ts";
import { importSource, type Source } from "./import/import-source.ts";
import { ImportError, type Imported, type NamingOptions, note, quote } from "./import/imported.ts";
import type { Kind } from "./import/recognise-kind.ts";
import { yamlText } from "./import/yaml-text.ts";

type Options = { namespace?: string | undefined; tag?: string | undefined; from?: Kind | undefined };

export function importConfig(path: string, options: Options) {
  const imported = importFrom(path, options);
  const yaml = yamlText(imported, note(path === "-" ? "standard input" : basename(path)).text);
  try {
    compileConfig(parse(yaml));
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown error";
    throw new CliError(
      exitCodes.notWell,
      `expected to make a valid configuration, but what was made is not:\n${why}`,
      { cause: error },
    );
  }
  process.stdout.write(yaml);
  for (const { pipeline, step, text } of imported.notes) {
    const about = [pipeline, step].filter((name) => name !== null).join(", ");
    process.stderr.write(`note: ${about === "" ? "" : `${about}: `}${text}\n`);
  }
  return exitCodes.done;
}

function importFrom(path: string, options: Options): Imported {
  try {
    const naming = readNaming(options);
    return importSource(readSource(path), options.from ?? null, naming);
  } catch (error) {
    const known = error instanceof ImportError;
    const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
    const words = known ? message : `the import failed: ${name}: ${message}`;
    throw new CliError(exitCodes.wrongUsage, words, { cause: error });
  }
}

function readNaming({
  namespace = null,
  tag = null,
}: {
  namespace?: string | null | undefined;
  tag?: string | null | undefined;
}): NamingOptions {
  if (tag !== null && !/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new ImportError(`expected a tag such as latest after --tag, found ${quote(tag)}`);
  }
  if (namespace !== null && !/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(namespace)) {
    throw new ImportError(`expected a namespace such as acme after --namespace, found ${quote(namespace)}`);
  }
  return { namespace, tag };
}

function readSource(path: string): Source {
  if (path !== "-" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { kind: "folder", files: viewFolder(path) };
  }
  const file: FileText = path === "-" ? textOf(readFileSync(0)) : readText(path);
  if (file.kind === "text") {
    return {
      kind: "file",
      file: path,
      text: file.text,
      files: viewFolder(path === "-" ? "." : dirname(path)),
    };
  }
  const found = file.kind === "missing" ? "no such file or folder" : file.why;
  throw new ImportError(
    `expected a file or a folder at ${quote(path)}, found ${found}; --help tells what can be read`,
  );
}
