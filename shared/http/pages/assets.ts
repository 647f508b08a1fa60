// The style sheet, the script and the icon: files beside this one, and beside a function's code on Lambda. Each is
// served under a name that changes with it, so that it may be kept for ever.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const types = {
  "style.css": "text/css; charset=utf-8",
  "live.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;
type AssetName = keyof typeof types;

export type Asset = { path: string; type: string; text: string };

const read = new Map<AssetName, Asset>();

/** Read when it is first asked for: what takes webhooks needs none. */
function readAsset(name: AssetName): Asset {
  const known = read.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 10);
  const asset = { path: `/assets/${name.replace(".", `-${hash}.`)}`, type: types[name], text };
  read.set(name, asset);
  return asset;
}

export function assetPath(name: AssetName): string {
  return readAsset(name).path;
}

export function findAsset(path: string): Asset | null {
  const names: AssetName[] = ["style.css", "live.js", "icon.svg"];
  return names.map(readAsset).find((asset) => asset.path === path) ?? null;
}
