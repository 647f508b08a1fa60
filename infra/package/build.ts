// Makes `dist/`, which the npm package contains instead of the sources: JavaScript, the declarations of what it exports,
// and the code of the functions. npm runs this before it packs.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { buildFunction, functionNames } from "../bundle/build-function.ts";
import { licensesOf } from "./licenses-of.ts";
import { removeUnusedDeclarations } from "./remove-unused-declarations.ts";
import { packedSourceMap, sourcesOf } from "./source-map.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
compile();
// The local program's sample, and its pages' styles and scripts. The bundle of the webhook function has its own.
for (const file of ["tagrelay.yaml", "shared/http/pages/assets"]) {
  cpSync(join(root, file), join(dist, file), { recursive: true });
}

const bundled: string[] = [];
for (const name of functionNames) {
  const folder = join(dist, "bundles", name);
  buildFunction(name, folder);
  const sourceMap = join(folder, "index.mjs.map");
  const text = readFileSync(sourceMap, "utf8");
  bundled.push(...sourcesOf(text));
  writeFileSync(sourceMap, packedSourceMap(text, join(folder, "code"), root));
}
writeFileSync(join(dist, "bundles", "LICENSES.txt"), licensesOf(bundled, root));

function compile(): void {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const project = fileURLToPath(new URL("tsconfig.json", import.meta.url));
  execFileSync(process.execPath, [join(typescript, "bin/tsc"), "--project", project], { stdio: "inherit" });
  const entries = Object.values(packageJson.exports).flatMap((one) =>
    typeof one === "object" ? [join(root, one.types)] : [],
  );
  removeUnusedDeclarations(dist, entries);
  // TypeScript copies the imported package.json, whose `exports` and `bin` would be wrong here.
  const { name, version, type } = packageJson;
  writeFileSync(
    join(dist, "package.json"),
    `${JSON.stringify({ name, version, type, private: true }, null, 2)}\n`,
  );
}
