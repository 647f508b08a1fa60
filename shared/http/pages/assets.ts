// The style sheet, the script and the icon, each served under a name with its hash, so that browsers may keep it for ever.
// The files are next to this one in assets/, and next to the code of the Lambda function.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const types = {
  "style.css": "text/css; charset=utf-8",
  "live.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;
type AssetName = keyof typeof types;

export type Asset = { path: string; type: string; text: string };

const assets = new Map<AssetName, Asset>();

/** Read on first use: a process that only handles webhooks needs none. */
function readAsset(name: AssetName): Asset {
  const known = assets.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 10);
  const asset = { path: `/assets/${name.replace(".", `-${hash}.`)}`, type: types[name], text };
  assets.set(name, asset);
  return asset;
}

export function assetPath(name: AssetName): string {
  return readAsset(name).path;
}

export function findAsset(path: string): Asset | null {
  const names: AssetName[] = ["style.css", "live.js", "icon.svg"];
  return names.map(readAsset).find((asset) => asset.path === path) ?? null;
}
