// Bundles one entry point: `node infra/bundle/build.ts ENTRY_POINT OUTPUT_FILE`. A process of its own, because esbuild
// runs plugins only asynchronously and a construct cannot wait.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { esmBundle } from "./esm-bundle.ts";
import { leaveOut } from "./leave-out.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const undici = dirname(createRequire(import.meta.url).resolve("undici/package.json"));

/** Only `/api/openapi.json` needs the document: build-function.ts puts it next to the bundle. */
const externalOpenapi: Plugin = {
  name: "external-openapi",
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
  // undici's switch for bundles: its HTTP parser is included once, as the SIMD version.
  define: { esbuildDetection: "true" },
  plugins: [leaveOut, externalOpenapi],
  sourcemap: "external",
});
