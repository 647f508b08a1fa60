// How the tests are run: real processes and real sockets need more time than vitest grants by itself.
import { defineConfig } from "vitest/config";

const browser = "test/browser/**";
/** These ask for as much as a machine can do, or look at its memory. */
const load = [
  "test/functions/local/{webhooks-at-once,bad-input}.test.ts",
  "test/functions/local/server/{overload,slow-clients}.test.ts",
  "test/fuzz/**",
];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    testTimeout: 20_000,
    // Most of the time of the tests that start processes is spent waiting.
    maxWorkers: 4,
    hookTimeout: 20_000,
    // What keeps a processor busy comes after the others, one file after the other.
    projects: [
      {
        extends: true,
        test: {
          name: "program",
          include: ["test/**/*.test.ts"],
          exclude: ["test/aws/**", browser, ...load],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "load",
          include: load.map((path) => path.replace(/\*\*$/, "**/*.test.ts")),
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: "browser", include: [`${browser}/*.test.ts`], sequence: { groupOrder: 2 } },
      },
    ],
  },
});
