// Addresses that others tell and people are shown: nothing but https may become a link.

const atMost = 2_000;

/** The address as a whole, or null where it is none that may be shown. */
export function httpsUrl(value: unknown): string | null {
  if (typeof value !== "string" || value.length > atMost) return null;
  const url = URL.parse(value);
  return url?.protocol === "https:" && url.username === "" && url.password === "" ? url.href : null;
}
