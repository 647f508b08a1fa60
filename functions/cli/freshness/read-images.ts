// The images of a configuration, or of a folder of builds, and how their registries are read.
import { existsSync } from "node:fs";
import { type Environment, readEnvironment, withSecretFiles } from "../../../shared/environment.ts";
import type { ImageToCheck } from "../../../shared/evidence/freshness.ts";
import { imageName, parseImage } from "../../../shared/image/image.ts";
import type { ReadContent } from "../../../shared/kinds/registry.ts";
import { withParameters } from "../../../shared/pipeline/with-parameters.ts";
import type { RegistryLogin } from "../../../shared/registries/read-login.ts";
import { imagesToCheck } from "../../../shared/run/images-to-check.ts";
import { didYouMean } from "../../../shared/validation/did-you-mean.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import { defaultConfig } from "../defaults.ts";
import { type ImportedStep, placeholderNamespace } from "../import/imported.ts";
import { importFrom } from "../import.ts";
import type { Io } from "../io.ts";
import { loadConfig } from "../load-config.ts";
import { createRegistryLookUps } from "../registry-look-ups.ts";

export type ImagesOptions = {
  config?: string | undefined;
  namespace?: string | undefined;
  tag?: string | undefined;
  json?: true | undefined;
};
export type ImagesToCheck = {
  images: ImageToCheck[];
  /** Null for builds without a configuration. */
  logins: RegistryLogin[] | null;
};

/** Without a path, the configuration; a folder or a file of builds, as `tagrelay import` reads them, otherwise. */
export async function readImages(
  io: Io,
  path: string | undefined,
  options: ImagesOptions,
): Promise<ImagesToCheck> {
  const file = options.config ?? defaultConfig;
  const isConfig =
    path === undefined
      ? options.config !== undefined || existsSync(io.resolvePath(file))
      : /\.ya?ml$/.test(path);
  if (isConfig) {
    const config = loadConfig(io, path ?? file);
    return {
      images: config.pipelines.flatMap((pipeline) => imagesToCheck(withParameters(pipeline, {}))),
      logins: config.logins,
    };
  }
  const { namespace, tag } = options;
  const { pipelines, notes } = await importFrom(io, path ?? ".", { namespace, tag });
  const isPlaceholder = (image: string) => image.split("/").includes(placeholderNamespace);
  if (pipelines.some(({ steps }) => steps.some(({ image }) => isPlaceholder(image)))) {
    throw new CliError(
      exitCodes.usageError,
      "expected a namespace in the FROM lines or in the files that name the images, found none; set it with --namespace NAME",
    );
  }
  for (const { text } of notes) io.stderr.write(`note: ${text}\n`);
  return { images: pipelines.flatMap(({ steps }) => imagesOfSteps(steps)), logins: null };
}

function imagesOfSteps(steps: readonly ImportedStep[]): ImageToCheck[] {
  const images = new Map(steps.map(({ name, image }) => [name, image]));
  return steps.flatMap(({ image, after, upstreams, base }) => {
    const own = parseImage(image, null);
    if (own.kind === "problem") return [];
    const texts = [...after.flatMap((name) => images.get(name) ?? []), ...upstreams, base ?? []].flat();
    // An upstream and the base may be one image under two names.
    const parsed = new Map(
      texts.flatMap((text) => {
        const read = parseImage(text, null);
        return read.kind === "image" ? [[imageName(read.image), read.image] as const] : [];
      }),
    );
    const bases = [...parsed].map(([name, found]) => {
      const isFrom = base === undefined ? parsed.size === 1 : name === base;
      return {
        name: { kind: "image" as const, image: name },
        image: found,
        earlier: [],
        proven: null,
        isFrom,
      };
    });
    return [{ image: own.image, bases }];
  });
}

export function createRead(io: Io, { images, logins }: ImagesToCheck): ReadContent {
  const steps = images.map(({ image, bases }) => ({
    image,
    upstreams: bases.map((base) => imageName(base.image)),
  }));
  const env = logins === null ? io.env : readLoginEnvironment(io, logins);
  return createRegistryLookUps([{ steps }], logins ?? [], async (name) => env[name] ?? null, env).readContent;
}

/** As the program reads it. The `.env` beside builds without a configuration is none of Tagrelay's business. */
function readLoginEnvironment(io: Io, logins: readonly RegistryLogin[]): Environment {
  const names = logins.map(({ secret }) => secret);
  return withSecretFiles(readEnvironment(io.resolvePath(".env"), io.env), names, io.resolvePath);
}

/** The whole name of an image: `acme/base` is `acme/base:latest`. */
export function readImageName(text: string, known: readonly string[]): string {
  const parsed = parseImage(/:[^/]*$/.test(text) ? text : `${text}:latest`, null);
  const name = parsed.kind === "image" ? imageName(parsed.image) : text;
  if (known.includes(name)) return name;
  const hint = didYouMean(name, known);
  throw new CliError(
    exitCodes.usageError,
    `expected an image of the configuration, or a base of one, found ${JSON.stringify(text)}${hint}`,
  );
}
