// Compares the layers of what is there with those of what a trial tag got.
import { isBuiltOn, usualPlatform } from "../../../shared/evidence/stands-on.ts";
import { parseImage } from "../../../shared/image/image.ts";
import type { ImageContent, PlatformContent, ReadContent } from "../../../shared/kinds/registry.ts";
import type { ImportedStep } from "../import/imported.ts";

export type Comparison = {
  image: string;
  trial: string;
  /** `unknown` if there is no trial yet, or nothing that it can be compared with. */
  verdict: "same" | "rebuilt" | "differs" | "unknown";
  /** One for each platform, or why nothing was compared. */
  lines: string[];
};

export async function compareTrial(
  read: ReadContent,
  step: ImportedStep,
  suffix: string,
): Promise<Comparison> {
  const trial = `${step.image}${suffix}`;
  const [current, rebuilt] = await Promise.all([contentOf(read, step.image), contentOf(read, trial)]);
  const base = { image: step.image, trial };
  if (typeof current === "string")
    return { ...base, verdict: "unknown", lines: [`${step.image}: ${current}`] };
  if (typeof rebuilt === "string") return { ...base, verdict: "unknown", lines: [`${trial}: ${rebuilt}`] };
  const repository = repositoryOf(step.image);
  const standsOnBase = await isOnBase(read, repository, rebuilt, step.base);
  const rows = await Promise.all(
    current.platforms.map((platform) => comparePlatform(read, repository, platform, rebuilt, standsOnBase)),
  );
  const verdicts = rows.map(({ verdict }) => verdict);
  const verdict = (["differs", "rebuilt"] as const).find((one) => verdicts.includes(one)) ?? "same";
  const more = rebuilt.platforms.flatMap((own) =>
    samePlatform(own, current) === null ? [`${own.platform} is new`] : [],
  );
  return { ...base, verdict, lines: [...rows.map(({ line }) => line), ...more] };
}

type Row = { verdict: "same" | "rebuilt" | "differs"; line: string };

async function comparePlatform(
  read: ReadContent,
  repository: string,
  own: PlatformContent,
  trial: ImageContent,
  standsOnBase: boolean,
): Promise<Row> {
  const name = own.platform ?? "unknown platform";
  const other = samePlatform(own, trial);
  if (other === null) return { verdict: "differs", line: `${name}: missing in the trial` };
  const [layers, trialLayers] = await layersOf(read, repository, own, other);
  const different = layers.findIndex((layer, index) => layer !== trialLayers[index]);
  const equal = different === -1 ? Math.min(layers.length, trialLayers.length) : different;
  if (layers.length !== trialLayers.length) {
    const line = `${name}: ${trialLayers.length} layers instead of ${layers.length}, the lowest ${equal} the same: another Dockerfile, or other arguments`;
    return { verdict: "differs", line };
  }
  if (equal === layers.length) return { verdict: "same", line: `${name}: all ${equal} layers the same` };
  const made = `${layers.length - equal} of ${layers.length} layers made anew`;
  if (equal > 0) return { verdict: "rebuilt", line: `${name}: on the same ${equal} lowest layers, ${made}` };
  return standsOnBase
    ? { verdict: "rebuilt", line: `${name}: on its base as that is now, ${made}` }
    : { verdict: "differs", line: `${name}: ${made}, and nothing tells that it stands on the same base` };
}

/** As they are stored, or as they are uncompressed: compressed again, a layer has another digest. */
async function layersOf(read: ReadContent, repository: string, one: PlatformContent, other: PlatformContent) {
  if (one.layers.join() === other.layers.join()) return [one.layers, other.layers] as const;
  const ids = await Promise.all([read.readDiffIds(repository, one), read.readDiffIds(repository, other)]);
  const [own, others] = ids.map((answer) => (answer.kind === "found" ? answer.part : null));
  return [own ?? one.layers, others ?? other.layers] as const;
}

function samePlatform({ platform }: PlatformContent, { platforms }: ImageContent): PlatformContent | null {
  const usual = (text: string | null) => (text === null ? null : usualPlatform(text));
  return platforms.find((one) => usual(one.platform) === usual(platform)) ?? null;
}

/** An image from scratch has no base to stand on. */
async function isOnBase(
  read: ReadContent,
  repository: string,
  content: ImageContent,
  base: string | null | undefined,
): Promise<boolean> {
  if (base === null) return true;
  const found = base === undefined ? "unknown" : await contentOf(read, base);
  if (typeof found === "string" || base === undefined) return false;
  return isBuiltOn(read, { repository, content }, { repository: repositoryOf(base), content: found });
}

/** Why it cannot be read, if it cannot. */
async function contentOf(read: ReadContent, image: string): Promise<ImageContent | string> {
  const parsed = parseImage(image, null);
  if (parsed.kind === "problem") return parsed.problem;
  const answer = await read.readImage(parsed.image.repository, parsed.image.tag);
  if (answer.kind === "found") return answer.content;
  return answer.kind === "missing" ? "not at its registry" : answer.reason;
}

function repositoryOf(image: string): string {
  const parsed = parseImage(image, null);
  return parsed.kind === "image" ? parsed.image.repository : image;
}
