// Installs a packed project like its users, in folders that contain nothing else.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { type Folder, makeFolder, root } from "../stand-ins/program.ts";

const run = promisify(execFile);
const packageJson = z
  .object({ devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

export type InstalledPackage = {
  files: { path: string; size: number }[];
  /** Only the package, as for those who run it on a machine of their own. */
  plain: string;
  /** The package in a project of the CDK. */
  cdk: string;
  /** The executables of the Node versions that the package supports. */
  nodes: { 22: string; 24: string };
  remove: () => void;
};

export async function installPackage(tarball: string): Promise<InstalledPackage> {
  const folder = makeFolder();
  const [plain, cdk, node22] = await Promise.all([
    install(folder, "plain", [tarball]),
    install(folder, "cdk", [tarball, ...["aws-cdk-lib", "constructs", "@types/node"].map(ofProject)]),
    install(folder, "node22", ["node@22"]),
  ]);
  const nodes = { 22: join(node22, "node_modules/.bin/node"), 24: process.execPath };
  const files = filesIn(join(plain, "node_modules/tagrelay"));
  return { files, plain, cdk, nodes, remove: folder.remove };
}

function filesIn(folder: string): InstalledPackage["files"] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => ({ path, stat: statSync(join(folder, path)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => ({ path, size: stat.size }));
}

/** The version that the project has, which `npm ci` has left in npm's cache. */
function ofProject(name: string): string {
  return `${name}@${packageJson.devDependencies[name]}`;
}

async function install(folder: Folder, name: string, packages: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), '{ "type": "module" }');
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], { cwd: path });
  return path;
}
