// The tags that docker/metadata-action makes, as far as they are known without a run.
import type { ValueMap } from "../hcl/value.ts";
import { openPart } from "../open-text.ts";
import { asText } from "./expressions.ts";

/** For each image, the raw tags, and `latest` if that is made by default. */
export function metadataTags(settings: ValueMap): string[] {
  const lines = (name: string) =>
    asText(settings.get(name) ?? null)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  const images = lines("images").map((line) => /^name=([^,]*)/.exec(line)?.[1] ?? line);
  const flavor = asText(settings.get("flavor") ?? null);
  const tags = lines("tags").flatMap((line) => {
    const fields = new Map(
      line
        .split(",")
        .map((field) => [field.split("=")[0]?.trim() ?? "", field.slice(field.indexOf("=") + 1).trim()]),
    );
    if (fields.get("enable") === "false") return [];
    const value = fields.get("type") === "raw" || !fields.has("type") ? (fields.get("value") ?? line) : null;
    const own = value ?? openPart(fields.get("type") ?? "tag");
    return [`${fields.get("prefix") ?? ""}${own}${fields.get("suffix") ?? ""}`];
  });
  const [, prefix = ""] = /(?:^|[\n,])\s*prefix=([^,\n]*)/.exec(flavor) ?? [];
  const [, suffix = ""] = /(?:^|[\n,])\s*suffix=([^,\n]*)/.exec(flavor) ?? [];
  const whole = tags.length === 0 ? [openPart("tag")] : tags;
  return images.flatMap((image) => whole.map((tag) => `${image}:${prefix}${tag}${suffix}`));
}
