// The tests of the stack and the bundles. `npm run test:infra` runs them. In one worker, the CDK is loaded and the functions are
// bundled once for all files, which takes most of the time.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/infra/**/*.test.ts"],
    maxWorkers: 1,
    isolate: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
