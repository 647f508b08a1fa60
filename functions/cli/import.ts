// `npm run import -- PATH`: reads what people have, and writes a tagrelay.yaml that says the same.
import { readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { compileConfig } from "../../shared/core/compile.ts";
import { didYouMean } from "../../shared/core/did-you-mean.ts";
import { readText, viewFolder } from "./import/disk-view.ts";
import { type FileText, textOf } from "./import/files-view.ts";
import { importSource, type Source } from "./import/import-source.ts";
import { ImportError, type NamingOptions, note, quote } from "./import/imported.ts";
import { type Kind, kinds } from "./import/recognise-kind.ts";
import { yamlText } from "./import/yaml-text.ts";

const usage = `Usage: npm run --silent import -- PATH [options] > tagrelay.yaml

PATH is a folder with Dockerfiles, or one of config.py (of dockerhub-trigger-propagate), a crontab with dh-trigger or
curl, IMAGES.json (of corpusops), docker-bake.json, a compose file; - is standard input.

  --namespace NAME   the namespace on Docker Hub of images whose names do not tell it
  --tag TAG          the tag of images whose names do not tell it                          (latest)
  --from KIND        what PATH is, where it cannot be recognised:
                     ${kinds.join(", ")}
  --help             this text

tagrelay.yaml goes to standard output, notes on what could not be carried over go to standard error. No token and no
trigger URL is in either. Exit code 0; 1 when what was made is not valid; 2 when nothing can be read.`;

type Options = { path: string; from: Kind | null; naming: NamingOptions };

function main(): number {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const imported = importSource(readSource(options.path), options.from, options.naming);
  const source = options.path === "-" ? "standard input" : basename(options.path);
  const yaml = yamlText(imported, note(source).text);
  try {
    compileConfig(parse(yaml));
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown error";
    process.stderr.write(
      `tagrelay: expected to make a valid configuration, but what was made is not:\n${why}\n`,
    );
    return 1;
  }
  process.stdout.write(yaml);
  for (const { pipeline, step, text } of imported.notes) {
    const about = [pipeline, step].filter((name) => name !== null).join(", ");
    process.stderr.write(`note: ${about === "" ? "" : `${about}: `}${text}\n`);
  }
  return 0;
}

function readOptions(args: readonly string[]): Options | "help" {
  const { values, positionals } = parseOptions(args);
  if (values.help === true) return "help";
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    throw new ImportError(
      `expected one PATH, found ${path === undefined ? "none" : positionals.length}; --help tells more`,
    );
  }
  const from = kinds.find((kind) => kind === values.from);
  if (values.from !== undefined && from === undefined) {
    const hint = didYouMean(values.from, kinds) || `; known are ${kinds.join(", ")}`;
    throw new ImportError(`expected a kind after --from, found ${quote(values.from)}${hint}`);
  }
  const naming = { namespace: values.namespace ?? null, tag: values.tag ?? null };
  if (naming.tag !== null && !/^\w[\w.-]{0,127}$/.test(naming.tag)) {
    throw new ImportError(`expected a tag such as latest after --tag, found ${quote(naming.tag)}`);
  }
  if (naming.namespace !== null && !/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(naming.namespace)) {
    throw new ImportError(
      `expected a namespace such as acme after --namespace, found ${quote(naming.namespace)}`,
    );
  }
  return { path, from: from ?? null, naming };
}

function parseOptions(args: readonly string[]) {
  const options = {
    namespace: { type: "string" },
    tag: { type: "string" },
    from: { type: "string" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new ImportError(error instanceof Error ? error.message : "the options cannot be read");
  }
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

try {
  process.exitCode = main();
} catch (error) {
  const known = error instanceof ImportError;
  const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
  process.stderr.write(`tagrelay: ${known ? message : `the import failed: ${name}: ${message}`}\n`);
  process.exitCode = 2;
}
