// Leaves code of packages out of the bundles that no function on Lambda ever runs, but each would have to load.
import { createRequire } from "node:module";
import type { Plugin } from "esbuild";

type Replacement = {
  /** A file in node_modules, or a folder with a slash at the end. */
  path: string;
  why: string;
  contents: (file: string) => string;
};

/** Bundles stay correct if a package moves one of these files, but grow; test/infra/bundle.test.ts notices it. */
export const replacements: readonly Replacement[] = [
  {
    path: "undici/lib/llhttp/llhttp-wasm.js",
    why: "Lambda's processors have SIMD, and so use llhttp_simd-wasm.js",
    contents: throwing(),
  },
  { path: "undici/lib/dispatcher/client-h2.js", why: "send.ts only offers HTTP/1.1", contents: throwing() },
  { path: "undici/lib/web/", why: "request bodies are text, never forms or files", contents: throwing() },
  {
    path: "@smithy/core/dist-es/submodules/event-streams/",
    why: "the store sends no event streams",
    contents: throwing(),
  },
  {
    path: "@smithy/signature-v4/dist-es/HeaderFormatter.js",
    why: "only signatures of event streams need it",
    contents: throwing("HeaderFormatter"),
  },
  {
    path: "@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js",
    why: "Node has its own SHA-256",
    contents: throwing("Sha256Js"),
  },
  {
    path: "@aws-sdk/endpoint-cache/dist-es/index.js",
    why: "only requests with endpoint discovery need it, and the store has none",
    contents: throwing("EndpointCache"),
  },
  {
    path: "undici/lib/llhttp/constants.js",
    why: "undici reads two of its tables, and it computes all of them when loaded",
    contents: (file) => `module.exports = ${pick(file, ["ERROR", "TYPE"])};`,
  },
  {
    path: "@aws-sdk/client-dynamodb/package.json",
    why: "the client reads its version only",
    contents: (file) => `export default ${pick(file, ["version"])};`,
  },
];

export const leaveOut: Plugin = {
  name: "leave-out",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
      const [, file = ""] = /.*\/node_modules\/(.*)/.exec(path.replaceAll("\\", "/")) ?? [];
      const found = replacements.find((one) =>
        one.path.endsWith("/") ? file.startsWith(one.path) : file === one.path,
      );
      return found === undefined ? undefined : { contents: found.contents(file), loader: "js" };
    });
  },
};

/** A module that can be imported and constructed, but throws when it is used. ES modules need the names of exports. */
function throwing(...names: string[]): (file: string) => string {
  const exported =
    names.length === 0
      ? "module.exports = missing;"
      : `export { ${names.map((name) => `missing as ${name}`).join(", ")} };`;
  return (file) => `
    function fail() { throw new Error(${JSON.stringify(`${file} is left out of this bundle`)}); }
    const missing = new Proxy(fail, { get: fail, construct: () => new Proxy({}, { get: fail }) });
    ${exported}`;
}

function pick(file: string, names: readonly string[]): string {
  const exported = createRequire(import.meta.url)(file);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, exported[name]])));
}
