// Reads what a registry says about an image, with skopeo.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { login } from "./registry.ts";

export type ImageInRegistry = {
  digest: string;
  /** The digests of its uncompressed layers, the lowest first. */
  layers: string[];
};

const run = promisify(execFile);
const credentials = `${login.username}:${login.password}`;
const summary = z.object({ Digest: z.string() });
const config = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });
const manifest = z.object({ layers: z.array(z.object({ digest: z.string() })) });

export async function readImage(image: string): Promise<ImageInRegistry> {
  const inspect = async (...options: string[]) => {
    const args = ["inspect", "--tls-verify=false", "--creds", credentials, ...options, `docker://${image}`];
    return JSON.parse((await run("skopeo", args)).stdout);
  };
  const { Digest: digest } = summary.parse(await inspect());
  const { rootfs } = config.parse(await inspect("--config"));
  return { digest, layers: rootfs.diff_ids };
}

/** The text of a file that the image's last layer has. `folder` must not exist. */
export async function readFileOfLastLayer(image: string, file: string, folder: string): Promise<string> {
  await run("skopeo", [
    "copy",
    "--src-tls-verify=false",
    "--src-creds",
    credentials,
    `docker://${image}`,
    `dir:${folder}`,
  ]);
  const { layers } = manifest.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  const blob = layers.at(-1)?.digest.replace("sha256:", "") ?? "";
  return (await run("tar", ["-xzOf", join(folder, blob), file])).stdout;
}
