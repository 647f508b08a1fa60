// Lets one wait for the next time that something happens.

export type Nudge = { tell: () => void; next: () => Promise<void> };

export function createNudge(): Nudge {
  let waiting: (() => void)[] = [];
  return {
    tell: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    next: () =>
      new Promise((resolve) => {
        waiting = [...waiting, resolve];
      }),
  };
}
