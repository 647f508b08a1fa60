// Unpacks the packaged Chromium to TMPDIR; browser.ts runs this as a separate process. The environment pretends to be AWS
// Lambda, so that the libraries are unpacked, too.
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
