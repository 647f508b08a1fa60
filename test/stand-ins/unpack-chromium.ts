// Run as a process of its own by browser.ts: unpacks the Chromium of the package into the folder that TMPDIR names, and
// the libraries that it needs with it, since the environment says that this is AWS Lambda, which has none.
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
