// Writes states and runs as JSON.

/** An unknown digest takes no room: a write is paid by the kilobyte. The schema reads it as null. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (key, inner) => {
    const isDigest = key === "digest" || key === "digestBefore";
    return isDigest && inner === null ? undefined : inner;
  });
}
