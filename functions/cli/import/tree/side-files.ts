// Tells the Dockerfiles that are no images of a tree: those of tests and examples, for development, and templates.

const sideFolders =
  /^(?:tests?|__tests__|[\w-]+[-_]tests|e2e|tests?[-_]?(?:data|files?|cases?|suites?)|fixtures?|\.?examples?|samples?|demos?|docs?|documentation|vendor|third[_-]party)$/i;
const hiddenFolders = /^\.(?:devcontainer|github|gitlab|circleci|gitpod|binder|buildkite|ci)$/i;
const templateFolders = /(?:^|[-_.])templates?$/i;
const sideVariants = /(?:^|[-_.])(?:dev|development|test|tests|testing|ci|local|lint|e2e|example|sample)$/i;

/** Why a file is left out, or null. */
export function sideReason(path: string): string | null {
  const folders = path.split("/").slice(0, -1);
  if (folders.some((folder) => sideFolders.test(folder))) return "tests, examples and documents";
  // Deeper down, such a folder may hold the image itself.
  if (hiddenFolders.test(folders[0] ?? "") || /^\.gitpod\./i.test(path)) return "development";
  return folders.some((folder) => templateFolders.test(folder)) ? "templates" : null;
}

/** `Dockerfile.dev` and `test.Dockerfile` are for development. */
export function isSideVariant(variant: string | undefined): boolean {
  return variant !== undefined && sideVariants.test(variant);
}

/** A line that a program has yet to fill in. */
export function isTemplate(text: string): boolean {
  return /^\s*FROM\s.*(?:\{\{|\{%|<%|%%\w+%%|@@\w+@@|@\(|REPLACE[-_]ME)/im.test(text);
}
