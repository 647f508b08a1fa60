// The tests of the package, as it is packed and installed from the registry: half a minute, most of it installing.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/package/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
