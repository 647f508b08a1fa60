// `tagrelay build`: builds and pushes the image of a Dockerfile on the machine that runs Tagrelay.
import { readFileSync } from "node:fs";
import { CliError, exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson, readStdin } from "../io.ts";
import { buildOutputPath } from "../output/build-output-path.ts";
import { followOutput } from "../output/follow-output.ts";

type Options = ConnectionOptions & {
  file: string;
  follow?: true | undefined;
  json?: true | undefined;
};

export async function build(io: Io, image: string, { file, follow, json, ...options }: Options) {
  const dockerfile = file === "-" ? (await readStdin(io)).toString() : readDockerfile(io, file);
  const client = createClient(readConnection(io, options));
  const started = await client.startBuild({ image, dockerfile });
  if (follow) return followOutput(io, client, buildOutputPath(started.id));
  if (json) printJson(io, started);
  else
    print(
      io,
      `build ${started.id} of ${started.image}; follow it with: tagrelay output ${started.id} --follow`,
    );
  return exitCodes.success;
}

function readDockerfile(io: Io, file: string): string {
  try {
    return readFileSync(io.resolvePath(file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    const found = code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`;
    throw new CliError(
      exitCodes.usageError,
      `expected a Dockerfile in ${JSON.stringify(file)}, found ${found}`,
    );
  }
}
