// Puts off loading a module until its function is called: most of the program is not needed to start.

/** Loads once, however often it is called. */
export function loadOnUse<Args extends unknown[], Result>(
  load: () => Promise<(...args: Args) => Result | Promise<Result>>,
): (...args: Args) => Promise<Result> {
  let loading: ReturnType<typeof load> | null = null;
  return async (...args) => {
    loading ??= load();
    return (await loading)(...args);
  };
}
