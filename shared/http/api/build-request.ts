// The schema of a request for a build. Only the local program has builds, so it is in no Lambda bundle.
import * as z from "zod";

// `.` would not see a `..` behind a line break, and [\s\S] does; U+2028 and U+2029 are line breaks, too.
const path = z
  .string()
  .max(200)
  .regex(
    /^(?!(?:[\s\S]*\/)?\.{1,2}(?:\/|$))(?!Dockerfile$)[^/\\\p{Cc}\u2028\u2029]+(?:\/[^/\\\p{Cc}\u2028\u2029]+)*$/u,
    "expected a relative path without .. or control characters, and other than Dockerfile",
  );
const maxFiles = 200;

export const buildRequest = z.strictObject({
  image: z.string().max(500).describe("The image to build and push, such as `you/app:1`."),
  dockerfile: z.string().describe("The text of the Dockerfile, as it is or in base64. At most 256 KiB."),
  files: z
    .record(path, z.string())
    .refine(
      (files) => Object.keys(files).length <= maxFiles,
      `expected at most ${maxFiles} files, found more`,
    )
    .refine(isTree, "expected no path that is a folder of another")
    .optional()
    .describe(
      "Further files of the build's context, by relative path; the contents are text. Default: none.",
    ),
});

function isTree(files: Readonly<Record<string, string>>): boolean {
  const paths = new Set(Object.keys(files));
  const folders = [...paths].flatMap((file) => {
    const parts = file.split("/").slice(0, -1);
    return parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
  });
  return !folders.some((folder) => paths.has(folder) || folder === "Dockerfile");
}
