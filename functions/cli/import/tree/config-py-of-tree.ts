// Takes the order and the schedule of a config.py that lies beside the Dockerfiles of its tags.
import type { assemble } from "../assemble.ts";
import { importConfigPy } from "../config-py.ts";
import type { ContextBuild } from "../context-builds.ts";
import type { FilesView } from "../files-view.ts";
import { ImportError, type Imported, type NamingOptions, type Note, note } from "../imported.ts";
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
  const tags = new Map(pipeline.steps.map((step) => [step.name, step]));
  const labels = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const build of builds) {
    const tag = [variantOf(build.path), build.path.split("/").at(-2)].find(
      (name) => name !== undefined && tags.has(name),
    );
    if (tag === undefined || labels.has(tag) || build.isNamedHere !== true) continue;
    labels.set(tag, build.label);
    owners.set(build.label, tag);
  }
  const missing = pipeline.steps.filter(({ name }) => !labels.has(name));
  const labelOf = (tag: string) => labels.get(tag) ?? `config.py: ${tag}`;
  const inOrder = builds.map((build): ContextBuild => {
    const step = tags.get(owners.get(build.label) ?? "");
    return step === undefined ? build : { ...build, images: [step.image], after: step.after.map(labelOf) };
  });
  const others = missing.map(
    ({ name, image, after }): ContextBuild => ({
      ...{
        label: labelOf(name),
        images: [image],
        after: after.map(labelOf),
        names: [],
        inline: "FROM scratch",
      },
      ...{
        context: ".",
        path: "Dockerfile",
        target: null,
        args: new Map(),
        contexts: new Map(),
        platforms: [],
      },
    }),
  );
  const imported = make([...inOrder, ...others], files, options, notes);
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
  return {
    ...imported,
    pipelines,
    notes: [...imported.notes, ...(listed?.notes ?? []).map(({ text }) => note(text))],
  };
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
