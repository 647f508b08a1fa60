// The test of the simulation itself. `npm run test:mutants` runs it.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/simulation/mutants.test.ts"],
  },
});
