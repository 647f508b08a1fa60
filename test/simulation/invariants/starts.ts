// Checks that every change of a source or an upstream leads to a run that begins later and covers all of its steps.
import { withDescendants } from "../../../shared/pipeline/graph.ts";
import type { Pipeline } from "../../../shared/pipeline/pipeline.ts";
import type { PipelineState, Run, Seen } from "../../../shared/run/state.ts";
import type { Instance } from "../instance.ts";
import { mustHold } from "./violation.ts";

type Awaited = { pipeline: string; what: string; from: string[] | null };

export type StartChecks = {
  /** Follows a pipeline from one save to the next. */
  follow: (instance: Instance, name: string, before: PipelineState | null, state: PipelineState) => void;
  /** The steps at which a run for this commit must start; null for all. */
  onSource: (instance: Instance, commit: string, from: string[] | null) => void;
  /** A look-up shows this version of an upstream image: the builds of the platforms that count. */
  onUpstream: (pipeline: string, image: string, version: string) => void;
  /** The relay acknowledged a source push. */
  onAnswered: (pipeline: string, commit: string) => void;
  checkEnd: (pipelines: readonly Pipeline[]) => void;
};

export function createStartChecks(): StartChecks {
  let awaited: Awaited[] = [];
  const seen = new Set<string>();
  /** The versions that look-ups showed, and the values that were saved for them. */
  const shown = new Map<string, Set<string>>();
  const saved = new Map<string, Set<string>>();
  const fromOf = new Map<string, string[] | null>();

  /** The run that a change calls for; null for none: a value that is seen for the first time is no change. */
  const runFor = (instance: Instance, pipeline: Pipeline, seenValue: Seen, isFirst: boolean) => {
    if (seenValue.name.startsWith("source "))
      return { from: fromOf.get(`${instance.name} ${seenValue.value}`) ?? null };
    if (seenValue.name.startsWith("pipeline ")) return { from: null };
    const image = seenValue.name.replace("image ", "");
    const from = pipeline.steps.filter(({ upstreams }) => upstreams.includes(image)).map(({ name }) => name);
    return isFirst || from.length === 0 ? null : { from };
  };

  /** Two builds of an index are the same version if their platforms are. */
  const checkUpstream = (pipeline: string, { name, value }: Seen) => {
    const key = `${pipeline} ${name}`;
    const versions = shown.get(key)?.size ?? 0;
    const values = addTo(saved, key, value).size;
    mustHold(
      values <= versions,
      () => `${pipeline} saw ${values} versions of ${name}, which has had ${versions}`,
    );
  };

  return {
    onUpstream: (pipeline, image, version) => void addTo(shown, `${pipeline} image ${image}`, version),
    follow: (instance, name, before, state) => {
      const pipeline = instance.pipelines.find((other) => other.name === name) ?? null;
      for (const seenValue of state.lastSeen) {
        const last = before?.lastSeen.find(({ name: of }) => of === seenValue.name);
        if (last?.value === seenValue.value || pipeline === null) continue;
        seen.add(`${name} ${seenValue.value}`);
        if (seenValue.name.startsWith("image ")) checkUpstream(name, seenValue);
        const wanted = runFor(instance, pipeline, seenValue, last === undefined);
        if (wanted !== null)
          awaited.push({ pipeline: name, what: `${seenValue.name} ${seenValue.value}`, ...wanted });
      }
      const { run } = state;
      const begun = run !== null && run.id !== before?.run?.id ? run : null;
      const isMetNow = (start: Awaited) => start.pipeline === name && isMet(pipeline, start, begun);
      const isDropped = state.queuedRun === null && before?.queuedRun != null;
      if (begun !== null || isDropped) awaited = awaited.filter((start) => !isMetNow(start));
      // Checked at once, because a later run of all steps would hide a lost start.
      const lost = awaited.find(
        (start) => start.pipeline === name && !isMet(pipeline, start, state.queuedRun),
      );
      mustHold(
        lost === undefined,
        () => `${name} lost the start for ${lost?.what}, from ${lost?.from ?? "all"}`,
      );
    },
    onSource: (instance, commit, from) => void fromOf.set(`${instance.name} ${commit}`, from),
    onAnswered: (pipeline, commit) =>
      mustHold(
        seen.has(`${pipeline} ${commit}`),
        () => `${pipeline} acknowledged ${commit} without saving it`,
      ),
    checkEnd: (pipelines) => {
      const lost = awaited.find(({ pipeline }) => pipelines.some(({ name }) => name === pipeline));
      mustHold(
        lost === undefined,
        () => `no run of ${lost?.pipeline} began after ${lost?.what}, from ${lost?.from ?? "all"}`,
      );
    },
  };
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set.add(value);
}

/** True if the run covers at least these steps. Steps that a redeploy removed do not count. */
function isMet(pipeline: Pipeline | null, { from }: Awaited, begun: Pick<Run, "from"> | null): boolean {
  const steps = pipeline?.steps ?? [];
  const wanted = from?.filter((name) => steps.some((step) => step.name === name)) ?? null;
  if (wanted?.length === 0 || steps.length === 0) return true;
  if (begun === null) return false;
  if (begun.from === null) return true;
  const scope = withDescendants(steps, begun.from);
  return wanted?.every((name) => scope.has(name)) ?? false;
}
