// Lets callers wait for the next occurrence of something.

export type Signal = { notify: () => void; next: () => Promise<void> };

export function createSignal(): Signal {
  let waiting: (() => void)[] = [];
  return {
    notify: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    next: () =>
      new Promise((resolve) => {
        waiting = [...waiting, resolve];
      }),
  };
}
