// Reads build settings that a browser has saved: JSON as the API answers it, or a HAR of the Builds page.
import * as z from "zod";
import { parseJson } from "../../../shared/validation/parse-json.ts";
import { ImportError, quote } from "../import/imported.ts";
import { collectSettings, type Saved } from "./collect-settings.ts";
import type { SavedSettings } from "./hub-source.ts";

const harSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });
const entrySchema = z.object({
  request: z.object({ url: z.string() }),
  response: z.object({
    content: z.object({ text: z.string(), encoding: z.string().nullish() }),
  }),
});

/** Nothing of a file is ever shown: a HAR has cookies and tokens. */
export function readSaved(files: readonly { name: string; text: string }[]): SavedSettings {
  const settings = collectSettings(files.flatMap(({ name, text }) => documentsIn(name, text)));
  if (settings.sources.length > 0) return settings;
  const names = files.map(({ name }) => quote(name)).join(", ");
  throw new ImportError(
    `expected build settings of Docker Hub in ${names}, found none; open the repository's Builds page, "Configure automated builds", reload it with the browser's network tab open, and save all as HAR`,
  );
}

function documentsIn(name: string, text: string): Saved[] {
  const json = parseJson(text.replace(/^\uFEFF/, ""));
  if (json === undefined)
    throw new ImportError(`expected JSON or a HAR in ${quote(name)}, found something else`);
  const har = harSchema.safeParse(json);
  if (!har.success) return [{ json, url: null }];
  return har.data.log.entries.flatMap((entry) => {
    const { data } = entrySchema.safeParse(entry);
    const url = URL.parse(data?.request.url ?? "");
    if (data === undefined || url === null || !/(?:^|\.)docker\.com$/.test(url.hostname)) return [];
    const { text: body, encoding } = data.response.content;
    const decoded = encoding === "base64" ? Buffer.from(body, "base64").toString() : body;
    return [{ json: parseJson(decoded), url }];
  });
}
