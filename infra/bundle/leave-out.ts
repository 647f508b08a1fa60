// What a function on Lambda never comes to is left out of its bundle, which it would have to load all the same.
import { createRequire } from "node:module";
import type { Plugin } from "esbuild";

type LeftOut = {
  /** A package's file, or all of a folder's. */
  path: string;
  why: string;
  /** What it exports, where it is asked for that by name. */
  names?: readonly string[];
};

const leftOut: readonly LeftOut[] = [
  { path: "undici/lib/llhttp/llhttp-wasm.js", why: "Lambda's processors have SIMD" },
  { path: "undici/lib/dispatcher/client-h2.js", why: "send.ts offers HTTP/1.1 alone" },
  { path: "undici/lib/web/", why: "a body is a text or none, never a form or a file" },
  {
    path: "@smithy/core/dist-es/submodules/event-streams/",
    why: "no request of the store is a stream of events",
  },
  {
    path: "@smithy/signature-v4/dist-es/HeaderFormatter.js",
    why: "it is for the signatures of such events",
    names: ["HeaderFormatter"],
  },
  {
    path: "@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js",
    why: "Node has SHA-256 itself",
    names: ["Sha256Js"],
  },
  {
    path: "@aws-sdk/endpoint-cache/dist-es/index.js",
    why: "endpoints are discovered by a plugin that no request of the store has",
    names: ["EndpointCache"],
  },
];

export const leaveOut: Plugin = {
  name: "leave-out",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
      const [, file = ""] = /.*\/node_modules\/(.*)/.exec(path.replaceAll("\\", "/")) ?? [];
      const found = leftOut.find((one) =>
        one.path.endsWith("/") ? file.startsWith(one.path) : file === one.path,
      );
      if (found !== undefined) return { contents: complaining(file, found.names) };
      if (file === "undici/lib/llhttp/constants.js") return { contents: errorsAndTypes(path) };
      if (file === "@aws-sdk/client-dynamodb/package.json") return { contents: versionOf(path) };
      return undefined;
    });
  },
};

/** It may be loaded, made and handed on, and throws as soon as it is used. */
function complaining(file: string, names: readonly string[] | undefined): string {
  const exported = names?.map((name) => `nothing as ${name}`);
  return `
    function complain() { throw new Error(${JSON.stringify(`${file} is left out of this bundle`)}); }
    const nothing = new Proxy(complain, { get: complain, construct: () => new Proxy({}, { get: complain }) });
    ${exported === undefined ? "module.exports = nothing" : `export { ${exported.join(", ")} }`};`;
}

/** Of its tables, which it makes as it is loaded, undici reads two. */
function errorsAndTypes(path: string): string {
  const { ERROR, TYPE } = createRequire(import.meta.url)(path);
  return `module.exports = ${JSON.stringify({ ERROR, TYPE })};`;
}

/** Of its package, the client tells the version in each request. */
function versionOf(path: string): string {
  const { version } = createRequire(import.meta.url)(path);
  return `export default ${JSON.stringify({ version })};`;
}
