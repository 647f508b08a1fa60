// `tagrelay build`: builds and pushes the image of a Dockerfile on the machine that runs Tagrelay.
import { exitCodes } from "../cli-error.ts";
import { createClient } from "../client.ts";
import { type ConnectionOptions, readConnection } from "../connection.ts";
import { type Io, print, printJson, readStdin } from "../io.ts";
import { buildOutputPath } from "../output/build-output-path.ts";
import { followOutput } from "../output/follow-output.ts";
import { readNamedFile } from "../read-named-file.ts";

type Options = ConnectionOptions & {
  file: string;
  follow?: true | undefined;
  json?: true | undefined;
};

export async function build(io: Io, image: string, { file, follow, json, ...options }: Options) {
  const dockerfile =
    file === "-" ? (await readStdin(io)).toString() : readNamedFile(io, file, "a Dockerfile");
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
