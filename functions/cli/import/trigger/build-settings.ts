// The inputs of the build of a step, as texts for a trigger.
import type { ImportedStep } from "../imported.ts";
import type { HubSettings } from "./hub-steps.ts";

export type BuildSettings = {
  context: string;
  file: string;
  target: string | null;
  /** `NAME=value` */
  args: string[];
  platforms: readonly string[];
  /** `name=docker-image://…`: contexts that {pins} does not have. */
  contexts: string[];
  /** Of an image that Docker Hub has built. */
  hub?: HubSettings;
};

export type Readable =
  | { kind: "settings"; settings: BuildSettings }
  | { kind: "problem"; problem: string; isUnpushed?: boolean };

/** `images` are those of steps by their labels in the source. */
export function buildSettings(
  { recipe, replaces }: ImportedStep,
  images: ReadonlyMap<string, string>,
): Readable {
  const problem = (text: string): Readable => ({ kind: "problem", problem: text });
  if (recipe === undefined || recipe === null) return problem("nothing tells how it is built");
  if (recipe.dockerfile === null)
    return problem("its Dockerfile is part of another file; write it to a file of its own");
  const contexts = new Map<string, string>();
  for (const [name, value] of recipe.contexts) {
    const [, label] = /^(?:target|service):(.+)$/.exec(value) ?? [];
    const image = label === undefined ? undefined : images.get(label);
    if (label !== undefined && image === undefined) {
      const text = `its context ${JSON.stringify(name)} is another build, which is pushed nowhere; give that one a tag`;
      return { kind: "problem", problem: text, isUnpushed: true };
    }
    contexts.set(name, image === undefined ? value : `docker-image://${image}`);
  }
  for (const { name, image } of replaces ?? []) contexts.set(name, `docker-image://${image}`);
  contexts.delete("");
  const settings = {
    context: recipe.context.replace(/(.)\/$/, "$1"),
    file: recipe.dockerfile,
    target: recipe.target,
    args: [...recipe.args].map(([name, value]) => `${name}=${value}`),
    platforms: recipe.platforms,
    contexts: [...contexts].map(([name, value]) => `${name}=${value}`),
  };
  const texts = [
    settings.context,
    settings.file,
    settings.target ?? "",
    ...settings.args,
    ...settings.contexts,
  ];
  // They would be placeholders in a trigger.
  if (texts.some((text) => /\{[A-Za-z_]/.test(text)))
    return problem("its settings have braces, which would be placeholders");
  if (texts.some((text) => /[\n\r]/.test(text))) return problem("its settings have line ends");
  return { kind: "settings", settings };
}
