// How the parts of compile.ts report what is wrong with a pipeline.

export type Path = readonly PropertyKey[];

/**
 * Adds an error of a pipeline, at a path below it. `restsOn` are the settings that it was judged by. If one of them is wrong
 * itself, the error is not reported: it may only be a consequence.
 */
export type Report = (path: Path, message: string, restsOn?: readonly Path[]) => void;

/** Whether the value at `path` is `place` or lies within it. */
export function isWithin(path: Path, place: Path): boolean {
  return place.length <= path.length && place.every((key, index) => key === path[index]);
}

/** `unread` are the places of what does not match the grammar. */
export function reporter(unread: readonly Path[], add: (path: Path, message: string) => void): Report {
  const reported: Path[] = [];
  return (path, message, restsOn = []) => {
    if (unread.some((place) => isWithin(path, place))) return;
    const isWrong = (ground: Path) =>
      unread.some((place) => isWithin(ground, place) || isWithin(place, ground)) ||
      reported.some((place) => isWithin(place, ground));
    if (restsOn.some(isWrong)) return;
    add(path, message);
    reported.push(path);
  };
}
