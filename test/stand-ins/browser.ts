// A real Chromium, out of an npm package: neither root nor anything of the machine is needed on Linux on x64. Elsewhere
// the tests take the Chrome that is installed.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium, type LaunchOptions, type Page } from "playwright-core";
import * as z from "zod";
import { root } from "./program.ts";

/** Kept for whoever looks at them: CI uploads the folder. */
export const screenshots = join(root, ".screenshots");

export async function startBrowser(): Promise<Browser> {
  mkdirSync(screenshots, { recursive: true });
  const isPackaged = process.platform === "linux" && process.arch === "x64";
  return chromium.launch(isPackaged ? await packaged() : { channel: "chrome" });
}

async function packaged(): Promise<LaunchOptions> {
  const folder = await unpack();
  return {
    executablePath: join(folder, "chromium"),
    // The sandbox needs rights that a container seldom has. What is looked at are this project's own pages.
    args: ["--no-sandbox", "--font-render-hinting=none"],
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? homedir(),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** Once a version: unpacked beside and renamed, since tests in several processes may come at the same time. */
async function unpack(): Promise<string> {
  const require = createRequire(import.meta.url);
  const packageFile = join(dirname(require.resolve("@sparticuz/chromium")), "..", "package.json");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, "utf8")));
  const folder = join(tmpdir(), `tagrelay-chromium-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;
  const beside = mkdtempSync(`${folder}.`);
  await promisify(execFile)(process.execPath, [join(root, "test/stand-ins/unpack-chromium.ts")], {
    env: { PATH: process.env.PATH, TMPDIR: beside, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  });
  writeFileSync(join(beside, "fonts.conf"), fontsConfig(folder));
  try {
    renameSync(beside, folder);
  } catch (error) {
    // Somebody else was faster.
    rmSync(beside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The same font on every machine, so that screenshots can be compared. */
function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
}

/** What a page complains about: errors, and whatever its policy has kept from it. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}
