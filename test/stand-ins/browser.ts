// Starts a real browser: on Linux x64 Chromium from an npm package, which needs no root rights and no system libraries;
// elsewhere the installed Chrome.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium, type LaunchOptions, type Page } from "playwright-core";
import * as z from "zod";
import { root } from "./program.ts";

/** CI uploads this folder. */
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
    // Containers rarely allow the sandbox, and the tests only open this project's own pages.
    args: ["--no-sandbox", "--font-render-hinting=none"],
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? homedir(),
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** Once per version. Unpacks to a temporary folder and renames it, because several test processes may do this at once. */
async function unpack(): Promise<string> {
  const require = createRequire(import.meta.url);
  const packageFile = join(dirname(require.resolve("@sparticuz/chromium")), "..", "package.json");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, "utf8")));
  const folder = join(tmpdir(), `tagrelay-chromium-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;
  const temporary = mkdtempSync(`${folder}.`);
  await promisify(execFile)(process.execPath, [join(root, "test/stand-ins/unpack-chromium.ts")], {
    env: { PATH: process.env.PATH, TMPDIR: temporary, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  });
  writeFileSync(join(temporary, "fonts.conf"), fontsConfig(folder));
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // Another process was faster.
    rmSync(temporary, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The same font on every machine makes screenshots comparable. */
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

/** The errors on a page, including violations of its content security policy. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}
