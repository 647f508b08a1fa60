// How the tests are run: real processes and real sockets need more time than vitest grants by itself.
import { defineConfig } from "vitest/config";

const browser = "test/browser/**";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    testTimeout: 20_000,
    // Most of the time of the tests that start processes is spent waiting.
    maxWorkers: 4,
    hookTimeout: 20_000,
    // A browser keeps a processor busy, and other tests send as many requests as one can take: one after the other.
    projects: [
      {
        extends: true,
        test: {
          name: "program",
          include: ["test/**/*.test.ts"],
          exclude: ["test/aws/**", browser],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "browser", include: [`${browser}/*.test.ts`], sequence: { groupOrder: 1 } },
      },
    ],
  },
});
