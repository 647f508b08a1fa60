// Has the bundles ask for Node's own modules by require. As ES modules, all that they export would be asked for at once,
// and with it what they would else load when it is used: node:http's WebSocket, for one, is all of Node's fetch.
import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const namespace = "builtin";

/** undici asks for no more of it than this, and it brings with it how failed tests are told in colour. */
const assertion = `
  module.exports = (isSo, told) => {
    if (!isSo) throw told instanceof Error ? told : new Error(told ?? "a package found itself in a state that cannot be");
  };`;

export const requireBuiltins: Plugin = {
  name: "require-builtins",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /.*/ }, ({ path, kind, namespace: from }) => {
      if (from === namespace) return { path, external: true };
      if (!isBuiltin(path) || !/^(?:import-statement|dynamic-import|require-call)$/.test(kind))
        return undefined;
      return { path, namespace };
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: /^(?:node:)?assert$/.test(path)
        ? assertion
        : `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};
