// The builds that are known, in memory and on disk. Changes are made one after the other, each saved before it counts.
import { type Build, isOver, loadBuilds, removeBuild, saveBuild } from "./build-files.ts";

export type BuildStates = {
  find: (id: string) => Build | null;
  /** The oldest first. */
  all: () => Build[];
  add: (build: Build) => Promise<void>;
  /** Saves and returns what `change` makes of a build. Null if there is no such build, or `change` returns null. */
  update: (id: string, change: (build: Build) => Build | null) => Promise<Build | null>;
  load: () => Promise<void>;
  /** Forgets builds that were over before the instant, and those beyond the newest `maxKept`. Returns their ids. */
  removeOlderThan: (instant: number, maxKept: number) => Promise<string[]>;
};

export function createBuildStates(data: string): BuildStates {
  const builds = new Map<string, Build>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const save = async (build: Build) => {
    await saveBuild(data, build);
    builds.set(build.id, build);
  };
  return {
    find: (id) => builds.get(id) ?? null,
    all: () => [...builds.values()],
    add: (build) => inTurn(() => save(build)),
    update: (id, change) =>
      inTurn(async () => {
        const build = builds.get(id);
        const changed = build === undefined ? null : change(build);
        if (changed !== null) await save(changed);
        return changed;
      }),
    load: async () => {
      for (const build of await loadBuilds(data)) builds.set(build.id, build);
    },
    removeOlderThan: (instant, maxKept) =>
      inTurn(async () => {
        const over = [...builds.values()].filter(isOver);
        const isOld = ({ endedAt }: Build, index: number) =>
          index < over.length - maxKept || (endedAt ?? 0) < instant;
        const old = over.filter(isOld).map(({ id }) => id);
        for (const id of old) {
          await removeBuild(data, id);
          builds.delete(id);
        }
        return old;
      }),
  };
}
