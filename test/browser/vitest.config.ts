// The tests of the pages in a real browser. `npm run test:browser` runs them.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/**/*.test.ts"],
    // More than one on two cores, because pages mostly wait.
    maxWorkers: 3,
    maxConcurrency: 20,
    isolate: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
