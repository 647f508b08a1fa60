// The tests that need a real registry and real builds. `npm run test:registries` installs the tools first.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/registries/**/*.test.ts"],
    // More than one on two cores, because builds and look-ups mostly wait.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
