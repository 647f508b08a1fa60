// How the tests are run: real processes and real sockets need more time than vitest grants by itself.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/aws/**"],
    testTimeout: 20_000,
    // Most of the time of the tests that start processes is spent waiting.
    maxWorkers: 4,
    hookTimeout: 20_000,
  },
});
