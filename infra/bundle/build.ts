// Run as a process of its own by bundle-function.ts: esbuild takes plugins only where it may take its time, and a
// construct may not.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { esmBundle } from "./esm-bundle.ts";
import { leaveOut } from "./leave-out.ts";
import { requireBuiltins } from "./require-builtins.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const undici = dirname(createRequire(import.meta.url).resolve("undici/package.json"));

/** What bundle-function.ts puts beside the bundle, for the few who ask for it. */
const keepBeside: Plugin = {
  name: "keep-beside",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/docs\/openapi\.json$/ }, () => ({ path: "./openapi.json", external: true }));
  },
};

const [entryPoint = "", outfile = ""] = process.argv.slice(2);
await build({
  absWorkingDir: root,
  entryPoints: [entryPoint],
  outfile,
  ...esmBundle,
  alias: {
    undici: here("undici.js"),
    "undici-agent": join(undici, "lib/dispatcher/agent.js"),
    "undici-request": join(undici, "lib/api/api-request.js"),
    "@aws-sdk/credential-provider-node": here("credentials.js"),
  },
  inject: [here("web.ts")],
  // By this, Node's own build leaves out undici's other parser.
  define: { esbuildDetection: "true" },
  plugins: [leaveOut, keepBeside, requireBuiltins],
  sourcemap: "external",
});
