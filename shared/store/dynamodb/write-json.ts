// Writes states and runs as JSON.

/** Nothing known takes no room: a write is paid by the kilobyte. The schema reads what is absent as null, false or empty. */
const optional = [
  ...["digest", "digestBefore", "pushed", "platforms", "standsOn", "reportedBy", "image", "onlyStale"],
  ...["look", "lookAt", "because", "promotion"],
];

export function writeJson(value: unknown): string {
  return JSON.stringify(value, (key, inner) =>
    optional.includes(key) && isNothing(inner) ? undefined : inner,
  );
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
