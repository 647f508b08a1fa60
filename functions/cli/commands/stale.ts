// `tagrelay stale`: looks up at the registries whether images stand on what their bases are now.
import { existsSync } from "node:fs";
import { type Freshness, type ImageToCheck, lookAtFreshness } from "../../../shared/evidence/freshness.ts";
import { imageName, parseImage, splitRepository } from "../../../shared/image/image.ts";
import { allowHosts, realOrigins } from "../../../shared/outgoing/origins.ts";
import { createSend } from "../../../shared/outgoing/send.ts";
import { createLookUps } from "../../../shared/registries/look-up.ts";
import { originsOfImages } from "../../../shared/registries/origins-of-images.ts";
import { createReadLogin, type RegistryLogin } from "../../../shared/registries/read-login.ts";
import { imagesToCheck } from "../../../shared/run/images-to-check.ts";
import { type ExitCode, exitCodes } from "../cli-error.ts";
import { defaultConfig } from "../defaults.ts";
import type { ImportedStep } from "../import/imported.ts";
import { importFrom } from "../import.ts";
import { type Io, print, printJson } from "../io.ts";
import { loadConfig } from "../load-config.ts";
import { bold, dim, formatRelative, table } from "../text.ts";

type Options = {
  config?: string | undefined;
  namespace?: string | undefined;
  tag?: string | undefined;
  json?: true | undefined;
};
type Checked = { images: ImageToCheck[]; logins: RegistryLogin[] };

export async function stale(io: Io, path: string | undefined, options: Options): Promise<ExitCode> {
  const { images, logins } = await readImages(io, path, options);
  const found = await lookAtFreshness(createRead(io, images, logins), images);
  const rows = images.map(({ image }, index) => ({ image: imageName(image), ...at(found, index) }));
  if (options.json) printJson(io, { images: rows.map(toJson) });
  else print(io, ...toText(rows, Date.now()));
  return exitCodeOf(found);
}

/** Without a path, the configuration; a folder or a file of builds, as `tagrelay import` reads them, otherwise. */
async function readImages(io: Io, path: string | undefined, options: Options): Promise<Checked> {
  const file = options.config ?? defaultConfig;
  const isConfig =
    path === undefined
      ? options.config !== undefined || existsSync(io.resolvePath(file))
      : /\.ya?ml$/.test(path);
  if (isConfig) {
    const config = loadConfig(io, path ?? file);
    return { images: config.pipelines.flatMap((pipeline) => imagesToCheck(pipeline)), logins: config.logins };
  }
  const { namespace, tag } = options;
  const { pipelines, notes } = await importFrom(io, path ?? ".", { namespace, tag });
  for (const { text } of notes) io.stderr.write(`note: ${text}\n`);
  return { images: pipelines.flatMap(({ steps }) => imagesOfSteps(steps)), logins: [] };
}

function imagesOfSteps(steps: readonly ImportedStep[]): ImageToCheck[] {
  const images = new Map(steps.map(({ name, image }) => [name, image]));
  return steps.flatMap(({ image, after, upstreams, base }) => {
    const names = [
      ...new Set([...after.flatMap((name) => images.get(name) ?? []), ...upstreams, base ?? []].flat()),
    ];
    const bases = names.flatMap((name) => {
      const parsed = parseImage(name, null);
      if (parsed.kind === "problem") return [];
      const isFrom =
        base === undefined ? names.length === 1 : name === base || imageName(parsed.image) === base;
      return [{ name: { kind: "image" as const, image: name }, image: parsed.image, earlier: [], isFrom }];
    });
    const own = parseImage(image, null);
    return own.kind === "image" ? [{ image: own.image, bases }] : [];
  });
}

function createRead(io: Io, images: readonly ImageToCheck[], logins: readonly RegistryLogin[]) {
  const steps = images.map(({ image, bases }) => ({
    image,
    upstreams: bases.map((base) => imageName(base.image)),
  }));
  return createLookUps({
    send: createSend(allowHosts(realOrigins, originsOfImages([{ steps }]))),
    origins: realOrigins,
    clock: Date.now,
    readLogin: createReadLogin(logins, async (name) => io.env[name] ?? null),
  }).readContent;
}

type Row = Freshness & { image: string };

const at = (found: readonly Freshness[], index: number): Freshness =>
  found[index] ?? { state: "unknown", since: null, because: [] };

function toJson({ image, state, since, because }: Row) {
  return {
    ...{ image, state },
    ...(since === null ? {} : { since: new Date(since).toISOString() }),
    because,
  };
}

/** What needs a build comes first, the longest of it at the top. */
const order = ["stale", "behind", "unknown", "fresh"] as const;

function toText(rows: readonly Row[], now: number): string[] {
  const sorted = rows.toSorted(
    (one, other) =>
      order.indexOf(one.state) - order.indexOf(other.state) || (one.since ?? now) - (other.since ?? now),
  );
  const lines = sorted.map(({ image, state, since, because }) => [
    state === "fresh" ? state : bold(state),
    image,
    since === null ? "" : formatRelative(new Date(since).toISOString(), now),
    dim(because.join("; ")),
  ]);
  return [...table(lines), summaryOf(rows)];
}

function summaryOf(rows: readonly Row[]): string {
  const counts = order.flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : `${count} ${state}`;
  });
  const registries = new Set(rows.map(({ image }) => splitRepository(image).host));
  return `${rows.length === 1 ? "1 image" : `${rows.length} images`} at ${[...registries].join(", ")}: ${counts.join(", ")}`;
}

function exitCodeOf(found: readonly Freshness[]): ExitCode {
  if (found.some(({ state }) => state === "stale" || state === "behind")) return exitCodes.failure;
  return found.some(({ state }) => state === "unknown") ? exitCodes.untold : exitCodes.success;
}
