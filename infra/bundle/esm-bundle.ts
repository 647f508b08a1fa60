// How esbuild makes one small ES module for Lambda's Node: of our functions, and of what they are measured beside.
import type { BuildOptions } from "esbuild";

export const esmBundle = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // The AWS SDK is smaller by its ES modules.
  mainFields: ["module", "main"],
  // What is CommonJS asks for Node's own modules by require.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
} satisfies BuildOptions;
