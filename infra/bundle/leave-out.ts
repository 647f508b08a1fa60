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
