// Sets the version of the project in package.json or package-lock.json, and leaves all else as it is written.

/** The lock file has the version twice: of itself, and of its first package, which is the project. */
export function setVersion(text: string, version: string): string {
  const json = JSON.parse(text);
  json.version = version;
  if (json.packages?.[""] !== undefined) json.packages[""].version = version;
  return `${JSON.stringify(json, null, 2)}\n`;
}
