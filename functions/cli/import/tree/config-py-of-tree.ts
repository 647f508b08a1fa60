// Takes the order and the schedule of a config.py that lies beside the Dockerfiles of its tags.
import type { assemble } from "../assemble.ts";
import { importConfigPy } from "../config-py.ts";
import type { ContextBuild } from "../context-builds.ts";
import type { FilesView } from "../files-view.ts";
import {
  ImportError,
  type Imported,
  type ImportedPipeline,
  type NamingOptions,
  type Note,
  note,
} from "../imported.ts";
import { variantOf } from "./dockerfile-names.ts";

/** Assembles the builds; those of tags that a config.py lists come in its order, with its schedule. */
export function applyConfigPy(
  make: typeof assemble,
  builds: readonly ContextBuild[],
  files: FilesView,
  options: NamingOptions,
  notes: Note[],
): Imported | null {
  const listed = readConfig(files, notes);
  const [pipeline] = listed?.pipelines ?? [];
  if (pipeline === undefined) return make(builds, files, options, notes);
  const imported = make(inItsOrder(builds, pipeline), files, options, notes);
  if (imported === null) return null;
  const images = new Map(pipeline.steps.map((step) => [step.image, step]));
  const pipelines = imported.pipelines.map((found) => {
    const isListed = found.steps.some(({ image }) => images.has(image));
    const steps = found.steps.map((step) => ({
      ...step,
      trigger: images.get(step.image)?.trigger ?? step.trigger,
    }));
    return isListed ? { ...found, schedule: pipeline.schedule, delay: pipeline.delay, steps } : found;
  });
  const more = (listed?.notes ?? []).map(({ text }) => note(text));
  return { ...imported, pipelines, notes: [...imported.notes, ...more] };
}

/** Also the tags that have no Dockerfile here. */
function inItsOrder(builds: readonly ContextBuild[], { steps }: ImportedPipeline): ContextBuild[] {
  const tags = new Map(steps.map((step) => [step.name, step]));
  const labels = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const build of builds) {
    const names = [variantOf(build.path), build.path.split("/").at(-2)];
    const tag = names.find((name) => name !== undefined && tags.has(name));
    if (tag === undefined || labels.has(tag) || build.isNamedHere !== true) continue;
    labels.set(tag, build.label);
    owners.set(build.label, tag);
  }
  const labelOf = (tag: string) => labels.get(tag) ?? `config.py: ${tag}`;
  const ordered = builds.map((build): ContextBuild => {
    const step = tags.get(owners.get(build.label) ?? "");
    return step === undefined ? build : { ...build, images: [step.image], after: step.after.map(labelOf) };
  });
  const others = steps.flatMap(({ name, image, after }): ContextBuild[] => {
    const none = { args: new Map(), contexts: new Map(), platforms: [], target: null };
    const own = { label: labelOf(name), images: [image], names: [], after: after.map(labelOf) };
    const place = { context: ".", path: "Dockerfile", inline: "FROM scratch" };
    return labels.has(name) ? [] : [{ ...none, ...own, ...place }];
  });
  return [...ordered, ...others];
}

function readConfig(files: FilesView, notes: Note[]): Imported | null {
  const file = files.read("config.py");
  if (file.kind !== "text" || !/^\s*tagSequence\s*=/m.test(file.text)) return null;
  try {
    return importConfigPy(file.text);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    notes.push(note(`config.py was not read: ${error.message}`));
    return null;
  }
}
