// Checks URLs from outside before pages link to them: only https may become a link.

const maxLength = 2_000;

/** The whole URL, or null if it must not become a link. */
export function httpsUrl(value: unknown): string | null {
  if (typeof value !== "string" || value.length > maxLength) return null;
  const url = URL.parse(value);
  return url?.protocol === "https:" && url.username === "" && url.password === "" ? url.href : null;
}
