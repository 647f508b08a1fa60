// Whatever starts runs: what was seen of it is followed by a run that begins after it, of all that it asks for.
import { withDescendants } from "../../shared/core/graph.ts";
import type { Pipeline } from "../../shared/core/pipeline.ts";
import type { News, PipelineState, Run } from "../../shared/core/run.ts";
import { demand } from "./demand.ts";
import type { Instance } from "./instance.ts";

type Awaited = { pipeline: string; what: string; from: string[] | null };

export type Starts = {
  /** Follows a pipeline from one save to the next. */
  follow: (instance: Instance, name: string, before: PipelineState | null, state: PipelineState) => void;
  /** From which steps a function says that a push of the source is to be run. */
  onSource: (instance: Instance, commit: string, from: string[] | null) => void;
  /** A push of the source was answered as seen. */
  onAnswered: (pipeline: string, commit: string) => void;
  checkEnd: (pipelines: readonly Pipeline[]) => void;
};

export function createStarts(): Starts {
  let awaited: Awaited[] = [];
  const seen = new Set<string>();
  const fromOf = new Map<string, string[] | null>();

  /** What a run has to be of, or null where it starts nothing: what is seen for the first time has not changed. */
  const wantedBy = (instance: Instance, pipeline: Pipeline, news: News, isFirst: boolean) => {
    if (news.of.startsWith("source ")) return { from: fromOf.get(`${instance.name} ${news.is}`) ?? null };
    if (news.of.startsWith("pipeline ")) return { from: null };
    const image = news.of.replace("image ", "");
    const from = pipeline.steps.filter(({ upstreams }) => upstreams.includes(image)).map(({ name }) => name);
    return isFirst || from.length === 0 ? null : { from };
  };

  return {
    follow: (instance, name, before, state) => {
      const pipeline = instance.pipelines.find((other) => other.name === name) ?? null;
      for (const news of state.news) {
        const last = before?.news.find(({ of }) => of === news.of);
        if (last?.is === news.is || pipeline === null) continue;
        seen.add(`${name} ${news.is}`);
        const wanted = wantedBy(instance, pipeline, news, last === undefined);
        if (wanted !== null) awaited.push({ pipeline: name, what: `${news.of} ${news.is}`, ...wanted });
      }
      const { run } = state;
      const begun = run !== null && run.id !== before?.run?.id ? run : null;
      const isMetNow = (one: Awaited) => one.pipeline === name && isMet(pipeline, one, begun);
      const isDropped = state.next === null && before?.next != null;
      if (begun !== null || isDropped) awaited = awaited.filter((one) => !isMetNow(one));
      // A later run of everything would hide that it was forgotten.
      const lost = awaited.find((one) => one.pipeline === name && !isMet(pipeline, one, state.next));
      demand(lost === undefined, () => `${name} forgets ${lost?.what}, from ${lost?.from ?? "all"}`);
    },
    onSource: (instance, commit, from) => void fromOf.set(`${instance.name} ${commit}`, from),
    onAnswered: (pipeline, commit) =>
      demand(
        seen.has(`${pipeline} ${commit}`),
        () => `${commit} was said to be seen by ${pipeline}, and was not`,
      ),
    checkEnd: (pipelines) => {
      const lost = awaited.find(({ pipeline }) => pipelines.some(({ name }) => name === pipeline));
      demand(
        lost === undefined,
        () => `no run of ${lost?.pipeline} has begun since ${lost?.what}, from ${lost?.from ?? "all"}`,
      );
    },
  };
}

/** By a run of as much or of more; steps that are gone are not waited for. */
function isMet(pipeline: Pipeline | null, { from }: Awaited, begun: Pick<Run, "from"> | null): boolean {
  const steps = pipeline?.steps ?? [];
  const wanted = from?.filter((name) => steps.some((step) => step.name === name)) ?? null;
  if (wanted?.length === 0 || steps.length === 0) return true;
  if (begun === null) return false;
  if (begun.from === null) return true;
  const scope = withDescendants(steps, begun.from);
  return wanted?.every((name) => scope.has(name)) ?? false;
}
