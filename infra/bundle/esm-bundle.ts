// esbuild's options for one small ES module for Node on Lambda. The benchmarks bundle what they compare with the same.
import type { BuildOptions } from "esbuild";

export const esmBundle = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // The ES modules of the AWS SDK result in a smaller bundle.
  mainFields: ["module", "main"],
  // CommonJS packages load Node's modules with require.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
} satisfies BuildOptions;
